import { setTimeout as sleep } from "node:timers/promises";
import { type ProbeGateway, sendProbe } from "#app/verify/send-probe.ts";
import type { Finding } from "#model/finding.ts";
import type { Clock } from "#model/ports.ts";
import { compareAnswers } from "#shadow/compare-answers.ts";
import { tellPlace } from "#shadow/tell-place.ts";
import { explain } from "#shadow/explain.ts";
import type { Ignored, NoAnswer, SeenAnswer } from "#shadow/seen-answer.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { shadowField } from "./mirrored-request.ts";

/** A request that changes nothing, to be sent to both. */
export interface ReplayedRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  /** Flat `[name, value, …]`. */
  readonly headers: readonly string[];
}

export interface ReplayedGateway {
  readonly base: URL;
  /** Go along with each request. Flat. */
  readonly headers: readonly string[];
}

export interface Replay {
  readonly old: ReplayedGateway;
  readonly fresh: ReplayedGateway;
  /** PEM; trusted besides those that the system trusts. */
  readonly ca: readonly string[];
  readonly requests: readonly ReplayedRequest[];
  /** Requests a second. */
  readonly rate: number;
  readonly timeoutMs: number;
  /** Of a body, so much is compared. */
  readonly bodyBytes: number;
  readonly ignored: Ignored;
  readonly clock: Clock;
}

/** Sends each request to both gateways at once, one after the other. @returns a finding for each difference, and for each request without one */
export async function replay(options: Replay): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const betweenMs = 1000 / options.rate;
  const started = options.clock.mono();
  for (const [at, request] of options.requests.entries()) {
    const waitMs = started + at * betweenMs - options.clock.mono();
    if (waitMs > 1) await sleep(waitMs);
    findings.push(...(await compared(request, options)));
  }
  return findings;
}

async function compared(request: ReplayedRequest, options: Replay): Promise<readonly Finding[]> {
  const started = options.clock.mono();
  const [old, fresh] = await Promise.all([ask(options.old, request, options), ask(options.fresh, request, options)]);
  const ms = options.clock.mono() - started;
  const [path = ""] = request.target.split("?", 1);
  const about = { group: `${request.method} ${path}`, ms };
  const differences = compareAnswers({ method: request.method, path }, old, fresh, options.ignored);
  if (differences.length === 0) {
    const detail = "status" in fresh ? String(fresh.status) : "";
    return [{ ...about, name: "same", state: "passed", code: "shadow-same", detail, fix: null }];
  }
  return differences.map((difference) => {
    const { text, fix } = explain(tellPlace(difference));
    return { ...about, name: difference.kind, state: "failed", code: `shadow-${difference.kind}`, detail: text, fix };
  });
}

async function ask(
  { base, headers }: ReplayedGateway,
  request: ReplayedRequest,
  options: Replay,
): Promise<SeenAnswer | NoAnswer> {
  const gateway: ProbeGateway = { connect: null, ca: options.ca };
  const answer = await sendProbe(gateway, {
    method: request.method,
    url: `${base.origin}${base.pathname.replace(/\/$/, "")}${request.target}`,
    headers: [...request.headers, ...headers, shadowField, "compare"],
    body: "none",
    timeoutMs: options.timeoutMs,
    bodyBytes: options.bodyBytes,
  });
  if (typeof answer === "string") return { problem: answer };
  const { status, rawHeaders, body, isCut } = answer;
  return decodeAnswer({ status, headers: rawHeaders, body, isCut }, options.bodyBytes);
}
