import { createHash } from "node:crypto";
import { countingSink } from "#app/metrics/counting-sink.ts";
import { statusOf } from "#audit/outcome-writer.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock, EventSink } from "#model/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import {
  type DebugCredential,
  debugField,
  type RequestDebug,
  type RequestTrace,
  type TracedRule,
} from "#model/tracing.ts";
import type { PolicyObserver } from "#policy/observer.ts";
import { withoutCredentials } from "#policy/without-credentials.ts";
import { describeValue } from "./describe-value.ts";
import { maskedTrace } from "./mask-trace.ts";
import { PolicyTrace } from "./policy-trace.ts";
import { secretTexts } from "./secret-texts.ts";

/** Tokens of ours begin so; any other is for whoever is asked behind the gateway. */
export const debugTokenStart = "spdebug_";

const maxSteps = 1000;
const minSecret = 4;

/** What one worker writes down of the requests that have shown a debug token. */
export class RequestTracer {
  readonly observer: PolicyObserver;
  readonly #clock: Clock;
  readonly #send: (trace: RequestTrace) => void;
  readonly #traces = new WeakMap<Exchange, LiveTrace>();
  #credentials: ReadonlyMap<string, DebugCredential> = new Map();

  constructor(clock: Clock, send: (trace: RequestTrace) => void) {
    this.#clock = clock;
    this.#send = send;
    const traces = this.#traces;
    this.observer = {
      begins: (step, exchange) => traces.get(exchange)?.policies.begins(step, exchange),
      evaluated: (step, expression, exchange, value, error) => {
        const trace = traces.get(exchange);
        trace?.policies.evaluated(step, expression, exchange, value, error);
        if (expression.secret === true) trace?.keepSecret(value);
      },
      ends: (step, exchange, outcome, error) => traces.get(exchange)?.policies.ends(step, exchange, outcome, error),
    };
  }

  /** Whether any request could be traced. */
  get active(): boolean {
    return this.#credentials.size > 0;
  }

  use(credentials: readonly DebugCredential[]): void {
    this.#credentials = new Map(credentials.map((one) => [one.digest, one]));
  }

  /** True: the request is to be traced. A token of ours goes no further, good or not. */
  begins(exchange: Exchange): boolean {
    const { headers } = exchange.facts;
    const token = headers.get(debugField);
    if (token === undefined || !token.startsWith(debugTokenStart)) return false;
    headers.delete(debugField);
    const credential = this.#credentials.get(createHash("sha256").update(token).digest("base64url"));
    if (credential === undefined || credential.until <= this.#clock.now()) {
      exchange.debug = expired;
      return false;
    }
    const trace = new LiveTrace(credential);
    exchange.debug = trace;
    this.#traces.set(exchange, trace);
    return true;
  }

  judged(exchange: Exchange, rules: readonly TracedRule[]): void {
    const trace = this.#traces.get(exchange);
    if (trace !== undefined) trace.rules = rules;
  }

  /** Where exchanges of a traced snapshot end: told to main, and recorded as all are. */
  behind(events: EventSink, snapshot: Snapshot): EventSink {
    const secrets = secretTexts(snapshot);
    return countingSink(events, (exchange) => {
      const trace = this.#traces.get(exchange);
      if (trace?.isFor(exchange) !== true) return;
      this.#send(trace.result(exchange, this.#clock.mono(), secrets));
    });
  }
}

const expired: RequestDebug = {
  field: () => ["Apim-Debug-Authorization-Expired", "the token is over, or none that this gateway has made"],
};

class LiveTrace implements RequestDebug {
  readonly policies: PolicyTrace = new PolicyTrace({ maxSteps });
  rules: readonly TracedRule[] = [];
  readonly #credential: DebugCredential;
  readonly #secrets = new Set<string>();

  constructor(credential: DebugCredential) {
    this.#credential = credential;
  }

  isFor({ api }: Exchange): boolean {
    return this.#credential.api === null || api?.name === this.#credential.api;
  }

  field(exchange: Exchange): readonly [string, string] {
    return this.isFor(exchange)
      ? ["Apim-Trace-Id", exchange.facts.id]
      : ["Apim-Debug-Authorization-WrongAPI", `the token is for the API ${this.#credential.api}`];
  }

  /** What came of a secret is one. */
  keepSecret(value: unknown): void {
    const text = typeof value === "string" ? value : describeValue(value);
    if (text.length >= minSecret) this.#secrets.add(text);
  }

  result(exchange: Exchange, nowMono: number, secrets: ReadonlySet<string>): RequestTrace {
    const { facts, route, api, principal, trail } = exchange;
    const trace: RequestTrace = {
      id: facts.id,
      time: new Date(facts.startedAt).toISOString(),
      method: facts.method,
      host: facts.host,
      path: facts.path,
      api: api?.name ?? null,
      operation: route?.operation ?? null,
      principal: principal.id,
      status: statusOf(exchange),
      durationMs: nowMono - facts.startedMono,
      handovers: trail.slice(0, maxSteps),
      rules: this.rules,
      steps: this.policies.steps,
      stepsLeftOut: this.policies.leftOut,
    };
    return maskedTrace(trace, {
      withoutCredentials: (text) => withoutCredentials(text, exchange),
      secrets: [...secrets, ...this.#secrets],
      keyFields: [
        ...(api === null ? [] : [api.subscriptionKey.header.toLowerCase()]),
        ...(exchange.redaction?.rules.headers ?? []),
      ],
    });
  }
}
