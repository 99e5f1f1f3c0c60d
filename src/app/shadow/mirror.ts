import type { BodyRoom } from "#policy/body-room.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange, ResponseDraft } from "#model/exchange.ts";
import type { Permit } from "#model/permit.ts";
import type { Clock, Egress, Log } from "#model/ports.ts";
import type { Shadowing, ShadowSettings } from "#model/shadow.ts";
import { BodyTap, type TapRoom, TappedBody } from "#telemetry/insights/body-tap.ts";
import type { NoAnswer, SeenAnswer } from "#shadow/seen-answer.ts";
import type { ComparisonPool } from "./comparison-pool.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { mirroredRequest, shadowField } from "./mirrored-request.ts";
import type { ShadowCounts } from "./shadow-counts.ts";

export interface MirrorOptions {
  readonly egress: Egress;
  readonly counts: ShadowCounts;
  readonly pool: Pick<ComparisonPool, "compare">;
  readonly clock: Clock;
  readonly log: Log;
  /** Memory for the beginnings of our own answers. */
  readonly taps: TapRoom;
  /** Memory for what old gateways answer. */
  readonly bodies: Pick<BodyRoom, "take" | "giveBack">;
  readonly check: (permit: Permit, exchange: object, principal: object) => void;
  /** 0 ≤ n < 1. */
  readonly random: () => number;
}

/**
 * Asks an old gateway what it would have answered, once the client has its own answer, and notes how the two differ. Only
 * requests with a permit are asked there: what was refused here, or answered before anybody was asked (a preflight, a
 * question of another proxy), has nothing sent anywhere in its name.
 */
export class Mirror implements Shadowing {
  readonly #options: MirrorOptions;
  readonly #permitted: WeakSet<Exchange> = new WeakSet();
  /** By old gateway: one that hangs takes no place at another. */
  readonly #underWay: Map<string, number> = new Map();

  constructor(options: MirrorOptions) {
    this.#options = options;
  }

  permitted(exchange: Exchange, permit: Permit): void {
    this.#options.check(permit, exchange, exchange.principal);
    this.#permitted.add(exchange);
  }

  answering(exchange: Exchange, response: ResponseDraft, settings: ShadowSettings): void {
    if (!this.#isWanted(exchange, response, settings)) return;
    const { counts, taps, bodies, log } = this.#options;
    const api = exchange.api?.name ?? "";
    const underWay = this.#underWay.get(settings.to) ?? 0;
    if (underWay >= settings.concurrency || !bodies.take(settings.bodyBytes)) {
      counts.note(api, "skipped");
      return;
    }
    this.#underWay.set(settings.to, underWay + 1);
    const tap = new BodyTap(settings.bodyBytes + 1, taps);
    const coding = response.headers.joined("content-encoding") ?? null;
    tapBody(response, tap);
    exchange.trail.push({ door: "outbound", step: "shadow", outcome: "passed", detail: settings.to, micros: 0 });
    exchange.whenOver(() => {
      this.#follow(exchange, response, settings, tap, coding).catch((error: unknown) => {
        log.error("comparing with an old gateway failed", { requestId: exchange.facts.id, error: String(error) });
      });
    });
  }

  #leave(to: string): void {
    const left = (this.#underWay.get(to) ?? 1) - 1;
    if (left === 0) this.#underWay.delete(to);
    else this.#underWay.set(to, left);
  }

  #isWanted(exchange: Exchange, { status, headers }: ResponseDraft, settings: ShadowSettings): boolean {
    const { refusal, facts } = exchange;
    if (!this.#permitted.has(exchange)) return false;
    if (refusal !== null || status === 101 || facts.upgrade !== null || facts.body !== null) return false;
    if (!settings.methods.includes(facts.method) || facts.headers.has(shadowField.toLowerCase())) return false;
    if ((headers.joined("content-type") ?? "").startsWith("text/event-stream")) return false;
    return settings.sample >= 1 || this.#options.random() < settings.sample;
  }

  async #follow(
    exchange: Exchange,
    response: ResponseDraft,
    settings: ShadowSettings,
    tap: BodyTap,
    coding: string | null,
  ): Promise<void> {
    const { counts, bodies } = this.#options;
    const api = exchange.api?.name ?? "";
    try {
      // What its client has not taken whole is nothing to compare with.
      if (exchange.refusal !== null || tap.isLost) counts.note(api, "skipped");
      else {
        const old = await this.#ask(exchange, settings);
        const fresh = await decodeAnswer(seenAnswer(response, tap, coding, settings), settings.bodyBytes);
        await this.#compare(exchange, old, fresh, settings);
      }
    } finally {
      tap.release();
      bodies.giveBack(settings.bodyBytes);
      this.#leave(settings.to);
    }
  }

  async #ask(exchange: Exchange, settings: ShadowSettings): Promise<SeenAnswer | NoAnswer> {
    const { egress } = this.#options;
    const { bodyBytes: maxBytes, timeoutMs } = settings;
    const request = {
      ...mirroredRequest(exchange.facts, settings),
      method: exchange.facts.method,
      timeoutMs,
      maxBytes,
    };
    try {
      const answer = await egress.fetch({ ...request, keepAlive: true, declared: true, cuts: true });
      const { status, headers, body } = answer;
      return await decodeAnswer({ status, headers: headers.raw, body, isCut: answer.isCut === true }, maxBytes);
    } catch (error) {
      return { problem: error instanceof Error && "code" in error ? String(error.code) : "internal" };
    }
  }

  async #compare(
    exchange: Exchange,
    old: SeenAnswer | NoAnswer,
    fresh: SeenAnswer,
    settings: ShadowSettings,
  ): Promise<void> {
    const { counts, clock, pool } = this.#options;
    const { facts, api, route } = exchange;
    const { method, path } = facts;
    const ignored = { headers: new Set(settings.ignoredFields), fields: settings.ignoredPointers };
    const differences = await pool.compare({ request: { method, path }, old, fresh, ignored }).catch(notCompared);
    if (differences === null) return counts.note(api?.name ?? "", "skipped");
    const seen = { api: api?.name ?? "", operation: route?.operation ?? "", id: facts.id, at: clock.now() };
    for (const difference of differences) counts.differ(seen, difference);
    if ("problem" in old) counts.note(seen.api, "unanswered");
    else counts.note(seen.api, differences.length === 0 ? "same" : "different");
    return undefined;
  }
}

/** Too many wait, or it took too long: what is not compared is counted, and nobody is held up. */
function notCompared(error: unknown): null {
  if (error instanceof GatewayError) return null;
  throw error;
}

function tapBody(response: ResponseDraft, tap: BodyTap): void {
  const { body } = response;
  if (body === null) return;
  if (body instanceof Uint8Array) tap.take(body);
  else response.body = new TappedBody(body, tap);
}

/** Headers as they went out, but the coding that the body had where it was tapped: before compression. */
function seenAnswer(
  { status, headers }: ResponseDraft,
  tap: BodyTap,
  coding: string | null,
  { bodyBytes }: ShadowSettings,
): SeenAnswer {
  const sent = headers.clone();
  sent.delete("content-encoding");
  if (coding !== null) sent.set("Content-Encoding", coding);
  const { bytes } = tap;
  return { status, headers: sent.raw, body: bytes.subarray(0, bodyBytes), isCut: bytes.byteLength > bodyBytes };
}
