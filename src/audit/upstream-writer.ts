import type { UpstreamFacts } from "#model/exchange.ts";
import { type JsonWriter, piece } from "./json-writer.ts";
import { type RecordLimits, usualLimits } from "./record-limits.ts";

interface KeptHead {
  readonly upstream: UpstreamFacts;
  readonly text: Uint8Array;
}

/** Origins of base URLs may be many. */
const keptNames = 256;

/** Writes where a request went and how long that took. What was said last of a backend is kept: it is mostly said again. */
export class UpstreamWriter {
  readonly #known = new Map<string, KeptHead>();

  write(json: JsonWriter, upstream: UpstreamFacts, limits: RecordLimits, nowMono: number): void {
    const known = limits === usualLimits ? this.#known.get(upstream.name) : undefined;
    if (known !== undefined && startsAlike(known.upstream, upstream)) json.copy(known.text);
    else this.#head(json, upstream, limits);
    json.millis(upstream.connectMs);
    json.copy(pieces.headersMs);
    json.millis(upstream.headersMs);
    json.copy(pieces.bodyMs);
    json.millis(nowMono - upstream.endedMono);
    json.copy(pieces.close);
  }

  #head(json: JsonWriter, upstream: UpstreamFacts, limits: RecordLimits): void {
    const start = json.at;
    writeHead(json, upstream, limits);
    if (limits !== usualLimits || json.overflowed) return;
    if (this.#known.size >= keptNames) this.#known.clear();
    this.#known.set(upstream.name, { upstream, text: Uint8Array.from(json.bytes.subarray(start, json.at)) });
  }
}

function startsAlike(one: UpstreamFacts, other: UpstreamFacts): boolean {
  return one.address === other.address && one.status === other.status && one.tries === other.tries;
}

function writeHead(json: JsonWriter, upstream: UpstreamFacts, limits: RecordLimits): void {
  json.copy(pieces.upstream);
  json.text(upstream.name, limits.name);
  json.copy(pieces.address);
  json.text(upstream.address, limits.name);
  json.copy(pieces.tries);
  json.count(upstream.tries);
  json.copy(pieces.status);
  json.count(upstream.status);
  json.copy(pieces.connectMs);
}

const pieces = {
  upstream: piece(',"upstream":{"name":'),
  address: piece(',"address":'),
  tries: piece(',"tries":'),
  status: piece(',"status":'),
  connectMs: piece(',"connectMs":'),
  headersMs: piece(',"headersMs":'),
  bodyMs: piece(',"bodyMs":'),
  close: piece("}"),
} as const;
