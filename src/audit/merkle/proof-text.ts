import { Buffer } from "node:buffer";
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { noteText } from "./signed-note.ts";

/** That a line stands in the log. @see https://c2sp.org/tlog-proof */
export interface InclusionProof {
  readonly kind: "inclusion";
  /** The line, without its break. */
  readonly line: Buffer;
  /** From 0: its number less one. */
  readonly index: number;
  /** Hex, lowest first. */
  readonly path: readonly string[];
  readonly checkpoint: Checkpoint;
  /** Of what a short record refers to: who, then its way. None for any other line. */
  readonly shared: readonly InclusionProof[];
}

/** That a log goes on from what it was. The form that witnesses take: https://c2sp.org/tlog-witness */
export interface GrowthProof {
  readonly kind: "growth";
  readonly oldSize: number;
  readonly path: readonly string[];
  readonly checkpoint: Checkpoint;
}

export type LogProof = InclusionProof | GrowthProof;

const inclusionStart = "c2sp.org/tlog-proof@v1";
const mostShared = 2;
const longestProof = 256 * 1024;

/** Those of lines that a record refers to come behind its own: each by itself is one that other tools read. */
export function proofText(proof: LogProof): string {
  return proof.kind === "growth" ? oneText(proof) : [proof, ...proof.shared].map(oneText).join("\n");
}

function oneText(proof: LogProof): string {
  const start =
    proof.kind === "inclusion"
      ? [inclusionStart, `extra ${proof.line.toString("base64")}`, `index ${proof.index}`]
      : [`old ${proof.oldSize}`];
  const path = proof.path.map((hash) => Buffer.from(hash, "hex").toString("base64"));
  return `${[...start, ...path].join("\n")}\n\n${noteText(proof.checkpoint.note)}`;
}

/** Undefined for what is no proof. Nothing of it is verified. */
export function readProof(text: string): LogProof | undefined {
  if (text.length > longestProof) return undefined;
  const [first, ...others] = text.split(`\n\n${inclusionStart}\n`);
  if (others.length === 0) return readOne(text);
  const proof = readOne(`${first}\n`);
  const shared = others.map((one, at) => readOne(`${inclusionStart}\n${one}${at < others.length - 1 ? "\n" : ""}`));
  if (proof?.kind !== "inclusion" || shared.length > mostShared) return undefined;
  return shared.every((one) => one?.kind === "inclusion") ? { ...proof, shared } : undefined;
}

function readOne(text: string): LogProof | undefined {
  const split = text.indexOf("\n\n");
  if (split < 0) return undefined;
  const checkpoint = readCheckpoint(text.slice(split + 2));
  if (checkpoint === undefined) return undefined;
  const [first = "", ...lines] = text.slice(0, split).split("\n");
  return first === inclusionStart ? inclusion(lines, checkpoint) : growth(first, lines, checkpoint);
}

function inclusion([extra = "", place = "", ...hashes]: readonly string[], checkpoint: Checkpoint) {
  const line = bytesOf(extra, "extra ");
  const index = numberOf(place, "index ");
  const path = pathOf(hashes);
  if (line === undefined || index === undefined || path === undefined) return undefined;
  return { kind: "inclusion", line, index, path, checkpoint, shared: [] } as const;
}

function growth(first: string, hashes: readonly string[], checkpoint: Checkpoint): GrowthProof | undefined {
  const oldSize = numberOf(first, "old ");
  const path = pathOf(hashes);
  return oldSize === undefined || path === undefined ? undefined : { kind: "growth", oldSize, path, checkpoint };
}

function numberOf(line: string, name: string): number | undefined {
  const digits = line.startsWith(name) ? line.slice(name.length) : "";
  return /^(0|[1-9]\d{0,14})$/.test(digits) ? Number(digits) : undefined;
}

function bytesOf(line: string, name: string): Buffer | undefined {
  const encoded = line.startsWith(name) ? line.slice(name.length) : "";
  const bytes = Buffer.from(encoded, "base64");
  return encoded !== "" && bytes.toString("base64") === encoded ? bytes : undefined;
}

/** No path is longer than a tree is high. */
function pathOf(lines: readonly string[]): readonly string[] | undefined {
  const hashes = lines.map((line) => bytesOf(line, ""));
  const whole = lines.length <= 64 && hashes.every((hash) => hash?.length === 32);
  return whole ? hashes.map((hash) => (hash as Buffer).toString("hex")) : undefined;
}
