import type { Exchange, Handover } from "#model/exchange.ts";
import type { TraceContext } from "#model/trace.ts";

/** What is told of an exchange that is exported: plain, for another thread. Nothing that is a secret, no query, no body. */
export interface FinishedTrace {
  readonly trace: TraceContext;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly ms: number;
  readonly method: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly protocol: string;
  readonly client: string;
  readonly userAgent: string | undefined;
  readonly api: string | undefined;
  readonly operation: string | undefined;
  readonly template: string | undefined;
  readonly product: string | undefined;
  readonly principal: string;
  readonly status: number;
  readonly reason: string | undefined;
  readonly denied: boolean;
  readonly handovers: readonly Handover[];
  readonly upstream: FinishedUpstream | null;
}

export interface FinishedUpstream {
  readonly name: string;
  readonly address: string;
  /** Of the request: its base URL with the path that was asked for. */
  readonly url: string;
  readonly method: string;
  readonly tries: number;
  readonly status: number;
}

const longest = 1024;

/** Without what the definition keeps out of everything that is written; what belongs together is cut behind that. */
function shown<T extends string | undefined>(text: T, exchange: Exchange, most: number = longest): T {
  if (text === undefined) return text;
  const clean = exchange.redaction?.text(text, exchange).text ?? text;
  return clean.slice(0, most) as T;
}

/** A `tracestate` is the client's text. With marks in it it would be none, so what has something to keep out is left out. */
function shownTrace(trace: TraceContext, exchange: Exchange): TraceContext {
  const { state } = trace;
  return state === null || shown(state, exchange, state.length) === state ? trace : { ...trace, state: null };
}

/** @param denied it was turned away @param ms of the whole exchange */
export function finishedTrace(
  exchange: Exchange,
  trace: TraceContext,
  status: number,
  denied: boolean,
  ms: number,
): FinishedTrace {
  const { facts, route, api, product, principal, refusal, upstream, trail, request } = exchange;
  return {
    trace: shownTrace(trace, exchange),
    requestId: facts.id,
    startedAt: facts.startedAt,
    ms,
    method: facts.method,
    scheme: facts.scheme,
    host: shown(facts.host, exchange),
    path: shown(facts.path, exchange),
    protocol: facts.protocol,
    client: facts.clientAddress,
    userAgent: shown(facts.headers.get("user-agent"), exchange, 256),
    api: api?.name,
    operation: route?.operation,
    template: route?.template,
    product: product?.name,
    principal: principal.kind,
    status,
    reason: refusal?.reason,
    denied,
    handovers: trail,
    upstream:
      upstream === null
        ? null
        : {
            name: upstream.name,
            address: upstream.address,
            url: shown(upstream.url + request.path, exchange),
            method: request.method,
            tries: upstream.tries,
            status: upstream.status,
          },
  };
}
