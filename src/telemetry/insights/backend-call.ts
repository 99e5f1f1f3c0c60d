import type { Exchange } from "#model/exchange.ts";
import { isStep } from "#telemetry/steps.ts";
import type { ExchangeTap } from "./exchange-tap.ts";
import { shownBody } from "./shown-body.ts";
import { addHeaders, type Clean, type Properties, shownQuery } from "./shown-headers.ts";

/** The call of a backend: all its attempts together, as the record has them. */
export interface LoggedCall {
  /** Milliseconds behind the beginning of the exchange. */
  readonly afterMs: number;
  readonly ms: number;
  readonly name: string;
  /** `host:port`, or the name of the backend. */
  readonly target: string;
  readonly url: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly success: boolean;
  readonly properties: Properties;
}

const longestPath = 1024;

/** Null: nothing was asked of a backend. */
export function backendCall(exchange: Exchange, tap: ExchangeTap, clean: Clean): LoggedCall | null {
  const { upstream, request, facts } = exchange;
  if (upstream === null) return null;
  const { backend } = tap.diagnostic;
  const path = clean(request.path, exchange).slice(0, longestPath);
  const url = URL.parse(upstream.url);
  const after = startOf(exchange);
  return {
    afterMs: after,
    // Until the head of its answer was there.
    ms: Math.max(0, upstream.endedMono - facts.startedMono - after),
    name: `${request.method.slice(0, 32)} ${path}`,
    target: url === null || url.host === "" ? upstream.name : url.host,
    url: `${upstream.url}${path}${shownQuery(request.query, backend.request.maskedQuery, exchange)}`,
    status: upstream.status,
    success: upstream.status > 0 && upstream.status < 400,
    properties: propertiesOf(exchange, tap, clean),
  };
}

/** Of the hand-over, behind all that came before it. What a step noted on its way is within its time. */
function startOf({ trail }: Exchange): number {
  let micros = 0;
  for (const handover of trail) {
    if (handover.door === "upstream" && handover.step === "forward") break;
    if (isStep(handover)) micros += handover.micros;
  }
  return micros / 1000;
}

function propertiesOf(exchange: Exchange, tap: ExchangeTap, clean: Clean): Properties {
  const { request, response } = tap.diagnostic.backend;
  const { upstream } = exchange;
  const properties: Properties = {};
  if (upstream !== null) {
    properties["Backend Name"] = upstream.name;
    if (upstream.tries > 1) properties["Attempts"] = String(upstream.tries);
  }
  if (tap.sentHeaders !== null) addHeaders(properties, "Request", tap.sentHeaders, request, exchange, clean);
  if (tap.receivedHeaders !== null) addHeaders(properties, "Response", tap.receivedHeaders, response, exchange, clean);
  const [sent, got] = [tap.backendRequest, tap.backendResponse];
  const asked = sent && shownBody(sent, request.bodyBytes, exchange, clean);
  const answered = got && shownBody(got, response.bodyBytes, exchange, clean);
  if (typeof asked === "string") properties["Request-Body"] = asked;
  if (typeof answered === "string") properties["Response-Body"] = answered;
  return properties;
}
