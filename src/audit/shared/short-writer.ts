import { Buffer } from "node:buffer";
import type { Exchange, Handover } from "#model/exchange.ts";
import type { Principal } from "#model/principal.ts";
import type { ApiFacts, Route } from "#model/snapshot.ts";
import { recordSchema } from "#model/record.ts";
import { writeEnd } from "#audit/end-writer.ts";
import { isPlain } from "#audit/handover-writer.ts";
import type { IsoWriter } from "#audit/iso-writer.ts";
import { type JsonWriter, piece } from "#audit/json-writer.ts";
import { statusOf } from "#audit/outcome-writer.ts";
import { usualLimits } from "#audit/record-limits.ts";
import type { RecordRedaction } from "#audit/redaction/record-redaction.ts";
import { isUsualMethod } from "#audit/request-writer.ts";
import { type Members, wayOf, whoOf } from "./expand-record.ts";
import { emptyReference, isShort, putReference } from "./reference.ts";
import { isTold, type SharedTeller, type Told } from "./shared-teller.ts";
import { type Way, Ways } from "./ways.ts";

/** Who asked, under what. */
interface Who {
  readonly asked: readonly string[] | null;
  readonly subscription: string | undefined;
  readonly oldKey: string | undefined;
  readonly product: string | undefined;
  told: Told | null;
}

/** Of one principal: its keys, and its ways to be asked about. */
const keptOfPrincipal = 4;
const uuidLength = 36;
const comma = 0x2c;
const bracket = 0x5d;

/**
 * Writes the record of a request that was let through, all of whose hand-overs passed without more to say, also while it is
 * under way: in a third of
 * the bytes, since what others have alike is told once (`reference.ts`). It is told when it is met for the second time: what
 * comes once would cost more that way.
 */
export class ShortWriter {
  readonly #json: JsonWriter;
  readonly #redaction: RecordRedaction;
  readonly #iso: IsoWriter;
  readonly #ways = new Ways();
  readonly #people = new WeakMap<Principal, readonly Who[]>();

  constructor(json: JsonWriter, redaction: RecordRedaction, iso: IsoWriter) {
    this.#json = json;
    this.#redaction = redaction;
    this.#iso = iso;
  }

  /**
   * @param close what it ends with: its brace, and the stage that it tells of in front
   * @param uncut writes the whole record, without a stage; null: it has to be cut, which others must not inherit
   * @returns false: it is to be written whole
   */
  write(
    exchange: Exchange,
    nowMono: number,
    teller: SharedTeller,
    close: Uint8Array,
    uncut: () => Buffer | null,
  ): boolean {
    const { route, api } = exchange;
    if (route === null || api === null || !isUsual(exchange)) return false;
    if (this.#redaction.isHeadChanged(exchange)) return false;
    const way = this.#wayOf(exchange, route, api);
    const who = this.#whoOf(exchange);
    if (way === null || who === null) return false;
    if (way.told !== null) way.told.isUsed = true;
    if (who.told !== null) who.told.isUsed = true;
    if (!isTold(way.told) || !isTold(who.told)) {
      this.#tell(way, who, teller, uncut);
      // To make room for one of them the other may have gone.
      if (!isTold(way.told) || !isTold(who.told)) return false;
    }
    this.#write(exchange, nowMono, who.told.number, way.told.number);
    const json = this.#json;
    json.copy(close);
    return !json.overflowed && isShort(json.bytes, 0, json.at);
  }

  #wayOf(exchange: Exchange, route: Route, api: ApiFacts): Way | null {
    const status = statusOf(exchange);
    const way = this.#ways.find(exchange, route, status);
    if (way === null && exchange.trail.every(isPlain)) this.#ways.add(exchange, route, api, status);
    return way;
  }

  #whoOf({ principal, groupsAsked, subscription, product }: Exchange): Who | null {
    const known = this.#people.get(principal) ?? [];
    for (let at = 0; at < known.length; at += 1) {
      const who = known[at] as Who;
      const isSame =
        who.asked === groupsAsked &&
        who.subscription === subscription?.id &&
        who.oldKey === subscription?.oldKey &&
        who.product === product?.name;
      if (isSame) return who;
    }
    const kept = {
      asked: groupsAsked,
      subscription: subscription?.id,
      oldKey: subscription?.oldKey,
      product: product?.name,
      told: null,
    };
    this.#people.set(principal, [kept, ...known.slice(0, keptOfPrincipal - 1)]);
    return null;
  }

  #tell(way: Way, who: Who, teller: SharedTeller, uncut: () => Buffer | null): void {
    const text = uncut();
    if (text === null) return;
    const record = JSON.parse(text.toString("utf8")) as Members;
    if (!isTold(way.told)) way.told = teller.tell(textOf(wayOf(record)));
    if (!isTold(who.told)) who.told = teller.tell(textOf(whoOf(record)));
  }

  #write(exchange: Exchange, nowMono: number, who: number, way: number): void {
    const json = this.#json;
    const redaction = this.#redaction;
    const { facts } = exchange;
    redaction.begin(exchange.redacted);
    json.at = 0;
    json.copy(pieces.id);
    json.text(facts.id, uuidLength);
    json.copy(pieces.time);
    this.#iso.write(json, facts.startedAt);
    json.copy(pieces.shared);
    putReference(json.bytes, 0, { segment: 0, who, way });
    json.copy(pieces.path);
    json.text(redaction.pathOf(exchange), usualLimits.path);
    if (facts.query !== "") {
      json.member(pieces.query, redaction.queryOf(exchange, usualLimits.query), usualLimits.query);
    }
    json.copy(pieces.client);
    json.text(facts.clientAddress, 64);
    writeMicros(json, exchange.trail);
    json.copy(pieces.bytesIn);
    json.count(exchange.bytesIn);
    json.copy(pieces.bytesOut);
    json.count(exchange.bytesOut);
    if (exchange.upstream !== null) writeUpstream(json, exchange.upstream, nowMono);
    writeEnd(json, exchange, nowMono, redaction);
  }
}

/** What was refused or broken off says why, and what a certificate says is its own. */
function isUsual({ refusal, question, facts, trail }: Exchange): boolean {
  const { tls } = facts;
  return (
    refusal === null &&
    question === null &&
    facts.id.length === uuidLength &&
    trail.length <= usualLimits.handovers &&
    (tls === null || (tls.certificate === null && tls.certificateProblem === null)) &&
    isUsualMethod(facts.method)
  );
}

function textOf(members: Members): Buffer {
  return Buffer.from(JSON.stringify(members));
}

function writeMicros(json: JsonWriter, trail: readonly Handover[]): void {
  json.copy(pieces.micros);
  for (let at = 0; at < trail.length; at += 1) {
    if (at > 0) json.byte(comma);
    json.count((trail[at] as Handover).micros);
  }
  json.byte(bracket);
}

function writeUpstream(json: JsonWriter, upstream: NonNullable<Exchange["upstream"]>, nowMono: number): void {
  json.copy(pieces.upstreamMs);
  json.millis(upstream.connectMs);
  json.byte(comma);
  json.millis(upstream.headersMs);
  json.byte(comma);
  json.millis(nowMono - upstream.endedMono);
  json.byte(bracket);
}

const pieces = {
  id: piece('{"id":'),
  time: piece(`,"schema":${recordSchema},"time":"`),
  shared: piece(emptyReference),
  path: piece(',"path":'),
  query: piece(',"query":'),
  client: piece(',"client":'),
  micros: piece(',"micros":['),
  bytesIn: piece(',"bytesIn":'),
  bytesOut: piece(',"bytesOut":'),
  upstreamMs: piece(',"upstreamMs":['),
} as const;
