import { Decimal } from "#notation/csharp/value/decimal.ts";
import { DateTime, DateTimeOffset, kinds } from "#notation/csharp/value/date-time.ts";
import { Double, Single } from "#notation/csharp/value/numbers.ts";
import { charge, step } from "#notation/csharp/value/run.ts";
import { toText } from "#notation/csharp/value/to-text.ts";

/** What the writer has to know of a node; the classes stand in a file that needs the writer. */
interface Node {
  readonly tokenType: number;
  readonly name?: string;
  readonly value?: unknown;
  children(): readonly Node[];
}

const object = 1;
const array = 2;
const property = 4;
const raw = 13;

/** JSON text as Newtonsoft writes it; indented by two spaces, lines end in LF. */
export function writeJson(node: unknown, isIndented: boolean): string {
  return write(node as Node, isIndented ? "\n" : "", isIndented);
}

function write(node: Node, line: string, isIndented: boolean): string {
  step();
  if (node.tokenType === object) return wrap("{", "}", node.children(), line, isIndented);
  if (node.tokenType === array) return wrap("[", "]", node.children(), line, isIndented);
  if (node.tokenType === property) {
    return `${quoteJson(node.name ?? "")}:${isIndented ? " " : ""}${write(node.value as Node, line, isIndented)}`;
  }
  return node.tokenType === raw ? toText(node.value) : writeScalar(node.value);
}

function wrap(open: string, close: string, children: readonly Node[], line: string, isIndented: boolean): string {
  if (children.length === 0) return open + close;
  const inner = isIndented ? `${line}  ` : "";
  const parts = children.map((child) => inner + write(child, inner, isIndented));
  const made = open + parts.join(",") + line + close;
  // Each level copies what is under it, and pays for it.
  charge(made.length);
  return made;
}

/** A scalar of JSON. Real numbers always show that they are real: `1.0`. */
export function writeScalar(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return quoteJson(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof Double || value instanceof Single) return real(value.value, value.toString());
  if (value instanceof Decimal) return value.scale === 0 ? `${value.toString()}.0` : value.toString();
  if (value instanceof DateTime) return `"${isoDate(value)}"`;
  if (value instanceof DateTimeOffset) return `"${isoDate(value)}"`;
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString("base64")}"`;
  const { netType } = value as { readonly netType?: string };
  if (plainNumbers.has(netType ?? "")) return toText(value);
  return quoteJson(toText(value));
}

const plainNumbers: ReadonlySet<string> = new Set([
  "Byte",
  "SByte",
  "Int16",
  "UInt16",
  "UInt32",
  "UInt64",
  "BigInteger",
]);

function real(value: number, text: string): string {
  if (!Number.isFinite(value)) return `"${text}"`;
  return /[.Ee]/.test(text) ? text : `${text}.0`;
}

/** ISO 8601 without trailing zeros, and the offset by kind. */
export function isoDate(value: DateTime | DateTimeOffset): string {
  const text = value.format("yyyy-MM-ddTHH:mm:ss.FFFFFFF").replace(/\.$/, "");
  if (value instanceof DateTimeOffset) return text + value.format("zzz");
  return text + (value.kind === kinds.utc ? "Z" : value.kind === kinds.local ? "+00:00" : "");
}

// Newtonsoft leaves `/`, `<` and everything beyond ASCII as it is, except what ends a line.
// oxlint-disable-next-line no-control-regex
const special = /["\\\u0000-\u001f\u0085\u2028\u2029]/;
// oxlint-disable-next-line no-control-regex
const specials = /["\\\u0000-\u001f\u0085\u2028\u2029]/g;

const short: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  "\\": String.raw`\\`,
  "\b": String.raw`\b`,
  "\f": String.raw`\f`,
  "\n": String.raw`\n`,
  "\r": String.raw`\r`,
  "\t": String.raw`\t`,
};

export function quoteJson(text: string): string {
  charge(text.length * 2);
  if (!special.test(text)) return `"${text}"`;
  return `"${text.replace(specials, (char) => short[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)}"`;
}
