import type { Door } from "#model/decision.ts";
import type { Exchange, Handover } from "#model/exchange.ts";
import { type JsonWriter, piece } from "./json-writer.ts";
import type { RecordRedaction } from "./redaction/record-redaction.ts";
import type { RecordLimits } from "./record-limits.ts";

type Heads = Readonly<Record<Door, Map<string, Map<string, Uint8Array>>>>;

/** Step names and policy ids come from the definition, which says how many there are; this bounds a mistake. */
const keptHeads = 4096;
const nameLimit = 128;
const keptPlaces = 64;

const comma = 0x2c;
const brace = 0x7d;
const bracket = 0x5d;

/** Writes hand-overs. Nearly all passed without more to say, and those of one step start alike: that text is kept. */
export class HandoverWriter {
  readonly #heads: Heads = {
    edge: new Map(),
    identity: new Map(),
    policy: new Map(),
    upstream: new Map(),
    outbound: new Map(),
  };
  #kept = 0;
  /** By place in the trail, what stood there last: most requests take the way that others took before. */
  readonly #last: ({ readonly handover: Handover; readonly head: Uint8Array } | undefined)[] = [];

  /** Every hand-over; of too many the first and the last, since the last one decided. */
  write(json: JsonWriter, exchange: Exchange, redaction: RecordRedaction, limits: RecordLimits): void {
    const { trail } = exchange;
    const over = trail.length - limits.handovers;
    const cutFrom = over > 0 ? limits.handovers >> 1 : trail.length;
    json.copy(pieces.open);
    for (let at = 0; at < trail.length; at += 1) {
      if (at === cutFrom) {
        writeCut(json, over);
        at += over;
      }
      if (at > 0) json.byte(comma);
      const handover = trail[at] as Handover;
      if (isPlain(handover)) this.#plain(json, handover, at);
      else writeTold(json, handover, limits, detailOf(handover, exchange, redaction));
    }
    json.byte(bracket);
  }

  #plain(json: JsonWriter, handover: Handover, place: number): void {
    const last = this.#last[place];
    if (last !== undefined && startsAlike(last.handover, handover)) json.copy(last.head);
    else this.#head(json, handover, place);
    json.count(handover.micros);
    json.byte(brace);
  }

  #head(json: JsonWriter, handover: Handover, place: number): void {
    const known = this.#heads[handover.door].get(handover.step)?.get(handover.policy ?? "");
    if (known !== undefined) {
      json.copy(known);
      if (place < keptPlaces) this.#last[place] = { handover, head: known };
    } else {
      const start = json.at;
      writeHead(json, handover);
      json.copy(pieces.passed);
      if (!json.overflowed && this.#kept < keptHeads) this.#keep(handover, json.bytes.subarray(start, json.at));
    }
  }

  #keep({ door, step, policy }: Handover, head: Uint8Array): void {
    this.#kept += 1;
    const ofDoor = this.#heads[door];
    let ofStep = ofDoor.get(step);
    if (ofStep === undefined) ofDoor.set(step, (ofStep = new Map()));
    ofStep.set(policy ?? "", Uint8Array.from(head));
  }
}

function startsAlike(one: Handover, other: Handover): boolean {
  return one.step === other.step && one.door === other.door && one.policy === other.policy;
}

/** It passed, and there is no more to say of it. */
export function isPlain({ outcome, reason, detail }: Handover): boolean {
  return outcome === "passed" && reason === undefined && detail === undefined;
}

function writeHead(json: JsonWriter, { door, step, policy }: Handover): void {
  json.raw(`{"door":"${door}","step":`);
  json.text(step, nameLimit);
  json.member(pieces.policy, policy, nameLimit);
}

function detailOf({ detail }: Handover, exchange: Exchange, redaction: RecordRedaction): string | undefined {
  return detail === undefined ? undefined : redaction.detailOf(exchange, detail);
}

function writeTold(json: JsonWriter, handover: Handover, limits: RecordLimits, detail: string | undefined): void {
  writeHead(json, handover);
  json.raw(`,"outcome":"${handover.outcome}"`);
  json.member(pieces.reason, handover.reason, nameLimit);
  json.member(pieces.detail, detail, limits.detail);
  json.copy(pieces.micros);
  json.count(handover.micros);
  json.byte(brace);
}

function writeCut(json: JsonWriter, over: number): void {
  json.raw(`,{"door":"edge","step":"...","outcome":"passed","detail":"${over} hand-overs left out","micros":0}`);
}

const pieces = {
  open: piece(',"handovers":['),
  policy: piece(',"policy":'),
  passed: piece(',"outcome":"passed","micros":'),
  reason: piece(',"reason":'),
  detail: piece(',"detail":'),
  micros: piece(',"micros":'),
} as const;
