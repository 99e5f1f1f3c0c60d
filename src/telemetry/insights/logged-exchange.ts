import type { Diagnostic } from "#model/diagnostics.ts";
import type { Exchange } from "#model/exchange.ts";
import { reasons } from "#model/reasons.ts";
import type { TraceContext } from "#model/trace.ts";
import { backendCall, type LoggedCall } from "./backend-call.ts";
import type { ExchangeTap } from "./exchange-tap.ts";
import { ownTrace } from "./own-trace.ts";
import { shownBody } from "./shown-body.ts";
import { addHeaders, type Clean, type Properties, shownQuery } from "./shown-headers.ts";

/** What is told of an exchange to Application Insights: plain, for another thread, without secrets. */
export interface LoggedExchange {
  /** Name of the logger. */
  readonly logger: string;
  /** It stands for so many of its kind: 1 in 100 / this. */
  readonly sampleRate: number;
  readonly trace: TraceContext;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly ms: number;
  readonly name: string;
  readonly operationName: string;
  readonly url: string;
  readonly status: number;
  readonly success: boolean;
  readonly clientIp: string | undefined;
  readonly properties: Properties;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly call: LoggedCall | null;
  readonly failure: LoggedFailure | null;
  readonly messages: readonly LoggedMessage[];
}

export interface LoggedFailure {
  readonly type: string;
  readonly message: string;
}

export interface LoggedMessage {
  readonly at: number;
  readonly severity: string;
  readonly text: string;
  readonly properties: Properties;
}

/** How it ended. */
export interface Ending {
  readonly status: number;
  /** Of the whole exchange. */
  readonly ms: number;
}

const longestPath = 1024;

/** Whether an exchange with a tap is to be told of, now that it is known how it ended. */
export function isLogged({ refusal, aborted }: Exchange, tap: ExchangeTap, status: number): boolean {
  const failed = status === 0 || status >= 400 || refusal !== null || aborted;
  if (failed) return tap.isChosen || tap.diagnostic.alwaysLogErrors;
  return tap.isChosen && tap.diagnostic.verbosity !== "error";
}

/** @param newSpanId for an exchange that is in no trace */
export function loggedExchange(
  exchange: Exchange,
  tap: ExchangeTap,
  { status, ms }: Ending,
  clean: Clean,
  newSpanId: () => string,
): LoggedExchange {
  const { diagnostic } = tap;
  const { facts, route, refusal, trace, bytesIn, bytesOut } = exchange;
  const success = status > 0 && status < 400 && refusal === null;
  const path = clean(facts.path, exchange).slice(0, longestPath);
  return {
    logger: diagnostic.logger,
    // All errors are told: each stands for itself alone.
    sampleRate: !success && diagnostic.alwaysLogErrors ? 100 : diagnostic.percentage,
    trace: trace === null || diagnostic.correlation === "None" ? ownTrace(exchange, newSpanId()) : trace,
    startedAt: facts.startedAt,
    ms,
    name: `${facts.method.slice(0, 32)} ${route?.template ?? path}`,
    operationName: operationNameOf(exchange, diagnostic, path),
    url: `${facts.scheme}://${clean(facts.authority, exchange)}${path}${shownQuery(facts.query, diagnostic.frontend.request.maskedQuery, exchange)}`,
    status,
    success,
    clientIp: diagnostic.logClientIp && facts.clientAddress !== "" ? facts.clientAddress : undefined,
    properties: requestProperties(exchange, tap, clean),
    bytesIn,
    bytesOut,
    call: backendCall(exchange, tap, clean),
    failure: success ? null : failureOf(exchange, status),
    messages: tap.messages.map(({ message: { severity, source, text, metadata }, at }) => ({
      at,
      severity,
      text,
      properties: { ...Object.fromEntries(metadata), Source: source },
    })),
  };
}

/** As API Management calls them: `orders;rev=1 - get-order`. */
function operationNameOf({ api, route, facts }: Exchange, { operationNameFormat }: Diagnostic, path: string): string {
  if (operationNameFormat === "Url" || api === null || route === null) return `${facts.method.slice(0, 32)} ${path}`;
  return `${api.name};rev=${api.revision?.number ?? 1} - ${route.operation}`;
}

function requestProperties(exchange: Exchange, tap: ExchangeTap, clean: Clean): Properties {
  const { facts, api, route, product, subscription, refusal, response } = exchange;
  const { request: asked, response: answered } = tap.diagnostic.frontend;
  const properties: Properties = { "Request Id": facts.id, "HTTP Method": facts.method.slice(0, 32) };
  if (api !== null) {
    properties["API Name"] = api.name;
    properties["API Revision"] = String(api.revision?.number ?? 1);
  }
  if (route !== null) properties["Operation Name"] = route.operation;
  if (product !== null) properties["Product Name"] = product.name;
  if (subscription !== null) properties["Subscription Name"] = subscription.id;
  if (refusal !== null) properties["Reason"] = refusal.reason;
  addHeaders(properties, "Request", facts.headers, asked, exchange, clean);
  if (response !== null) addHeaders(properties, "Response", response.headers, answered, exchange, clean);
  const [sent, got] = [tap.frontendRequest, tap.frontendResponse];
  addBody(properties, "Request-Body", sent && shownBody(sent, asked.bodyBytes, exchange, clean));
  addBody(properties, "Response-Body", got && shownBody(got, answered.bodyBytes, exchange, clean));
  return properties;
}

function addBody(properties: Properties, name: string, text: string | null | undefined): void {
  if (typeof text === "string") properties[name] = text;
}

/** In the words that a client may read: what a decision saw stays in the record. */
function failureOf({ refusal, response }: Exchange, status: number): LoggedFailure {
  if (refusal !== null) return { type: refusal.reason, message: reasons[refusal.reason].message };
  const who = response?.origin === "upstream" ? "the backend" : "a policy";
  return { type: `status-${status}`, message: `${who} answered ${status}` };
}
