import type { SourcePosition } from "#model/diagnostic.ts";
import type { Value } from "#model/policy-tree.ts";
import type { ArgumentSpec } from "#notation/catalogue/spec.ts";
import { suggestion } from "#notation/nearest.ts";
import { formatDuration, formatSize, parseDuration, parseSize } from "#notation/units.ts";
import type { Filled } from "#notation/yaml/fill.ts";
import type { PolicyReading } from "./policy-reading.ts";

type Literal = string | number | boolean;

/** Checks a literal against its spec and brings it into the tree's units. */
export function checkLiteral(
  { problems }: Pick<PolicyReading, "problems">,
  spec: ArgumentSpec,
  filled: Filled,
  at: SourcePosition,
  owner: string,
): Value | undefined {
  const value = convert(spec, filled);
  // A secret's text is never part of a message.
  const shown = filled.secret ? "the secret" : JSON.stringify(filled.text.slice(0, 80));
  if (value === undefined) {
    problems.error("value-invalid", at, `${owner} takes ${describe(spec)}, not ${shown}`, fixFor(spec, filled));
    return undefined;
  }
  const outside = typeof value === "number" ? rangeProblem(spec, value) : undefined;
  if (outside !== undefined) {
    problems.error("value-invalid", at, `${owner} is ${shown}, ${outside}`);
    return undefined;
  }
  return filled.secret ? { kind: "literal", value, secret: true } : { kind: "literal", value };
}

/** What the spec takes, for messages. */
export function describe(spec: ArgumentSpec): string {
  switch (spec.type) {
    case "integer":
      return "a whole number";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    case "duration":
      return "a duration such as 90s";
    case "size":
      return "a size such as 10KiB";
    case "enum":
      return `one of ${(spec.values ?? []).join(", ")}`;
    case "any":
      return "a scalar";
    default:
      return "a string";
  }
}

function convert(spec: ArgumentSpec, { value, text, filled }: Filled): Literal | undefined {
  switch (spec.type) {
    case "integer":
    case "number":
      return numeric(spec.type, value);
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "duration":
      return value === 0 ? 0 : typeof value === "string" ? parseDuration(value) : undefined;
    case "size":
      return typeof value === "string" ? parseSize(value) : numeric("integer", value);
    case "enum":
      return (spec.values ?? []).find((one) => one === text);
    case "any":
      return value;
    default:
      // An environment's `port: 8443` may fill a string; a number written out where a string is due is a slip.
      return filled ? text : typeof value === "string" ? value : undefined;
  }
}

function numeric(type: "integer" | "number", value: Literal): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  return type === "number" || Number.isSafeInteger(value) ? value : undefined;
}

export function rangeProblem(spec: ArgumentSpec, value: number): string | undefined {
  const show = spec.type === "duration" ? formatDuration : spec.type === "size" ? formatSize : String;
  if (spec.min !== undefined && value < spec.min) return `less than ${show(spec.min)}`;
  return spec.max !== undefined && value > spec.max ? `more than ${show(spec.max)}` : undefined;
}

function fixFor(spec: ArgumentSpec, { text, secret }: Filled): string | undefined {
  if (secret) return undefined;
  if (spec.type === "string") return `put it in quotes: ${JSON.stringify(text.slice(0, 80))}`;
  if (spec.type === "enum") return suggestion(text, spec.values ?? [], (name) => name);
  if (spec.type === "duration") {
    return /^\d+$/.test(text) ? `write the unit: ${text}s, ${text}ms, ${text}m, …` : "write 250ms, 60s, 5m, 1h or 7d";
  }
  // A string by now, so somebody put quotes around it.
  if ((spec.type === "integer" && /^\d+$/.test(text)) || (spec.type === "boolean" && /^(true|false)$/.test(text))) {
    return `leave out the quotes: ${text}`;
  }
  return spec.type === "size" && /^\d+[KMG]B$/.test(text) ? `write ${text.replace("B", "iB")}` : undefined;
}
