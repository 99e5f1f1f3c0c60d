import { clientScheme } from "#model/client-scheme.ts";
import { Buffer } from "node:buffer";
import type { Principal } from "#model/principal.ts";
import type { ActiveSubscription, ClientCertificate, Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { ResponseView } from "#notation/csharp/context/views.ts";
import { isNetObject } from "#notation/csharp/value/net-object.ts";
import { DateDrop, fromMs } from "#notation/liquid/date-drop.ts";
import { KeyedMembers, Members } from "#notation/liquid/member.ts";
import { netForLiquid } from "./net-value.ts";

/** `context` of a template. Made as a whole: what is not asked for is a small object. */
export function contextForLiquid(exchange: Exchange): Members {
  const { api, product, subscription, route, lastError, facts, variables, principal, response } = exchange;
  return new Members([
    ["RequestId", facts.id],
    ["Timestamp", new DateDrop(fromMs(facts.startedAt))],
    ["Request", requestView(exchange)],
    [
      "Response",
      response === null ? null : responseView(response.status, response.statusText, response.headers, facts.method),
    ],
    ["Variables", new KeyedMembers([...(variables ?? [])].map(([name, value]) => [name, plain(value, 0)]))],
    [
      "Api",
      api === null
        ? null
        : new Members([
            ["Id", api.name],
            ["Name", api.displayName],
            ["Path", api.path],
          ]),
    ],
    ["Operation", route === null ? null : operationView(route.operation, route.method, route.template)],
    [
      "Product",
      product === null
        ? null
        : new Members([
            ["Id", product.name],
            ["Name", product.displayName],
          ]),
    ],
    ["Subscription", subscription === null ? null : subscriptionView(subscription)],
    ["User", userView(subscription, principal)],
    ["LastError", lastError === null ? null : lastErrorView(lastError)],
  ]);
}

function subscriptionView({ id, details }: ActiveSubscription): Members {
  return new Members([
    ["Id", id],
    ["Name", details?.displayName ?? id],
  ]);
}

/** Whom the subscription belongs to; without such a user, whom a token names. */
function userView(subscription: ActiveSubscription | null, principal: Principal): Members | null {
  const owner = subscription?.details?.owner() ?? null;
  if (owner === null) return principal.kind === "user" ? new Members([["Id", principal.id]]) : null;
  return new Members([
    ["Id", owner.id],
    ["Email", owner.email],
    ["FirstName", owner.firstName],
    ["LastName", owner.lastName],
    ["Note", owner.note],
  ]);
}

function requestView({ facts, request, parameters }: Exchange): Members {
  return new Members([
    ["Url", urlView(clientScheme(facts), facts.authority, request.path, request.query)],
    ["OriginalUrl", urlView(clientScheme(facts), facts.authority, facts.path, facts.query)],
    ["Method", request.method],
    ["OriginalMethod", facts.method],
    ["IpAddress", facts.clientAddress],
    ["MatchedParameters", new KeyedMembers(Object.entries(parameters))],
    ["HasBody", request.body === undefined ? facts.body !== null : request.body !== null],
    ["Headers", headersView(request.headers)],
    ["Certificate", certificateView(facts.tls?.certificate ?? null)],
  ]);
}

function certificateView(certificate: ClientCertificate | null): Members | null {
  if (certificate === null) return null;
  const { subject, issuer, serial } = certificate;
  return new Members([
    ["Subject", subject],
    ["Issuer", issuer],
    ["SerialNumber", serial.toUpperCase()],
  ]);
}

function responseView(status: number, reason: string, headers: HeaderList, method: string): Members {
  return new Members([
    ["StatusCode", status],
    ["StatusReason", reason],
    ["Method", method],
    ["Headers", headersView(headers)],
  ]);
}

function operationView(id: string, method: string, template: string): Members {
  return new Members([
    ["Id", id],
    ["Name", id],
    ["Method", method],
    ["UrlTemplate", template],
  ]);
}

function lastErrorView(error: NonNullable<Exchange["lastError"]>): Members {
  return new Members([
    ["Source", error.source],
    ["Reason", error.reason],
    ["Message", error.message],
    ["Scope", error.scope],
    ["Section", error.section],
    ["PolicyId", error.policyId],
  ]);
}

/** Several fields of a name are one, as in all look-ups. */
function headersView(headers: HeaderList): KeyedMembers {
  const entries = new Map<string, [string, string]>();
  for (let at = 0; at + 1 < headers.raw.length; at += 2) {
    const [name, value] = [headers.raw[at] as string, headers.raw[at + 1] as string];
    const known = entries.get(name.toLowerCase());
    if (known === undefined) entries.set(name.toLowerCase(), [name, value]);
    else known[1] += `,${value}`;
  }
  return new KeyedMembers(entries.values());
}

/** A URL that is written as a whole where none of its parts is named. */
class UrlView extends KeyedMembers {
  readonly #text: string;

  constructor(text: string, entries: Iterable<readonly [string, unknown]>) {
    super(entries);
    this.#text = text;
  }

  override valueOf(): string {
    return this.#text;
  }
}

function urlView(scheme: string, authority: string, path: string, query: string): UrlView {
  const [, host = authority, port] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  const queryString = query === "" ? "" : `?${query}`;
  const text = `${scheme}://${authority}${path}${queryString}`;
  return new UrlView(text, [
    ["Scheme", scheme],
    ["Host", host],
    ["Port", Number(port ?? (scheme === "https" ? 443 : 80))],
    ["Path", path],
    ["QueryString", queryString],
    ["Query", queryView(query)],
    ["ToString", text],
    ["ToUri", text],
  ]);
}

function queryView(query: string): KeyedMembers {
  const entries = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    entries.set(name, entries.has(name) ? `${entries.get(name)},${value}` : value);
  }
  return new KeyedMembers(entries);
}

/** A response in the hands of C#. */
function receivedView({ response }: ResponseView): Members {
  const { headers } = response;
  const fields = [...headers.names()].flatMap((name) => headers.values(name).flatMap((value) => [name, value]));
  return responseView(response.statusCode, response.statusReason, new HeaderList(fields), "");
}

const maxDepth = 32;

/** A value of a variable: what expressions gave, as a template can walk through it. */
function plain(value: unknown, depth: number): unknown {
  if (depth > maxDepth) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== "object" || value === null) return typeof value === "function" ? null : value;
  if (value instanceof ReceivedResponse) return responseView(value.status, value.statusText, value.headers, "");
  if (value instanceof ResponseView) return receivedView(value);
  if (isNetObject(value)) return netForLiquid(value, (member) => plain(member, depth + 1));
  if (value instanceof Date) return new DateDrop(fromMs(value.getTime()));
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return new KeyedMembers(entries.map(([name, item]) => [String(name), plain(item, depth + 1)] as const));
}
