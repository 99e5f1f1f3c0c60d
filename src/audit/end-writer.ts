import type { Exchange } from "#model/exchange.ts";
import { traceparentOf } from "#model/trace.ts";
import { type JsonWriter, piece } from "./json-writer.ts";
import type { RecordRedaction } from "./redaction/record-redaction.ts";
import { validTraceparent } from "./traceparent.ts";

/** Writes what every record ends with, short or whole, up to its brace. */
export function writeEnd(json: JsonWriter, exchange: Exchange, nowMono: number, redaction: RecordRedaction): void {
  json.copy(pieces.durationMs);
  json.millis(nowMono - exchange.facts.startedMono);
  json.member(pieces.traceparent, traceparentIn(exchange), 55);
  if (redaction.any) writeRedacted(json, redaction);
}

/** With traces here the span of the exchange itself, else what the client has sent. */
function traceparentIn({ trace, facts }: Exchange): string | undefined {
  return trace === null ? validTraceparent(facts.headers.joined("traceparent")) : traceparentOf(trace, trace.spanId);
}

function writeRedacted(json: JsonWriter, { query, path, details }: RecordRedaction): void {
  json.copy(pieces.redacted);
  json.count(query);
  json.copy(pieces.redactedPath);
  json.count(path);
  json.copy(pieces.redactedDetails);
  json.count(details);
  json.byte(0x7d);
}

const pieces = {
  durationMs: piece(',"durationMs":'),
  traceparent: piece(',"traceparent":'),
  redacted: piece(',"redacted":{"query":'),
  redactedPath: piece(',"path":'),
  redactedDetails: piece(',"details":'),
} as const;
