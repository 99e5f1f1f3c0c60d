import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const corpus = resolve(import.meta.dirname, "../../../shared/corpora/http/llhttp");

/** Where the samples of one kind lie. */
export const folderOf = (kind: "request" | "response"): string => join(corpus, kind);

export interface Sample {
  /** `file: heading` */
  readonly name: string;
  readonly input: Buffer;
  /** Events of a strict parser. */
  readonly log: string;
}

/** All samples of a kind that are of a strict parser. */
export function samplesOf(kind: "request" | "response"): Sample[] {
  return readdirSync(folderOf(kind)).flatMap((file) => samplesIn(kind, file));
}

/** Spans of one name up to its `complete`; those left open by the end of the input do not count. */
export function spans(log: string, name: string): string[] {
  const found: string[] = [];
  let open = "";
  for (const line of log.split("\n")) {
    const match = new RegExp(`span\\[${name}\\]="(.*)"$`).exec(line);
    if (match !== null) open += match[1] as string;
    if (!line.endsWith(`${name} complete`)) continue;
    found.push(open);
    open = "";
  }
  return found;
}

/** Of all messages together. */
export function bodyOf(log: string): string {
  const pieces = [...log.matchAll(/span\[body\]=(?:"(.*)"|(cr|lf))$/gm)];
  return pieces.map((match) => match[1] ?? (match[2] === "cr" ? "\r" : "\n")).join("");
}

function samplesIn(kind: "request" | "response", file: string): Sample[] {
  const text = readFileSync(join(folderOf(kind), file), "utf8");
  const pattern =
    /^#{2,3} ([^\n]+)\n(?:(?!^#)[\s\S])*?<!-- meta=(\{.*?\}) *-->\s*```http\n([\s\S]*?)```(?:(?!^#)[\s\S])*?```log\n([\s\S]*?)```/gm;
  return [...text.matchAll(pattern)]
    .filter((match) => (JSON.parse(match[2] as string) as { type: string }).type === kind)
    .filter((match) => !/"pause"|"skipBody"/.test(match[2] as string))
    .map((match) => ({ name: `${file}: ${match[1]}`, input: decode(match[3] as string), log: match[4] as string }));
}

function decode(fence: string): Buffer {
  const text = fence
    .replace(/\n$/, "")
    .replaceAll("\\\n", "")
    .replaceAll("\n", "\r\n")
    .replace(/\\(?:([rntf])|x([0-9a-fA-F]{2})|([0-7]{1,3}))/g, (_, letter, hex, octal) => {
      if (letter !== undefined) return ({ r: "\r", n: "\n", t: "\t", f: "\f" } as Record<string, string>)[letter] ?? "";
      return String.fromCharCode(hex === undefined ? Number.parseInt(octal, 8) : Number.parseInt(hex, 16));
    });
  return Buffer.from(text, "latin1");
}
