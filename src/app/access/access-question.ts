import { METHODS } from "#lib/node-http.ts";
import { parseHost } from "#edge/host.ts";
import { isAcceptableQuery, normalisePath } from "#edge/normalise-path.ts";
import { refusals } from "#edge/refusals.ts";
import { answeredClient } from "#model/body.ts";
import type { Refusal } from "#model/decision.ts";
import { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock } from "#model/ports.ts";

/** A request that somebody asks about; nobody has sent it. */
export interface AccessQuestion {
  readonly method: string;
  /** Absolute; as a client would send it, dots and all. */
  readonly url: string;
  /** Flat `[name, value, …]`. */
  readonly headers: readonly string[];
  readonly clientAddress: string;
}

/** A question that cannot be understood. */
export class QuestionProblem extends Error {}

const form = /^(https?):\/\/([^/?#@\s]+)([^?#\s]*)(?:\?([^#\s]*))?$/i;
const methods: ReadonlySet<string> = new Set(METHODS.filter((method) => method !== "CONNECT" && method !== "TRACE"));

/**
 * The exchange that the edge would make of the request, judged as strictly, or its refusal. The path is cut out of the
 * text: a URL parser would resolve dots that the edge sees.
 * @throws QuestionProblem for what is no URL, or no method
 */
export function exchangeAbout(question: AccessQuestion, clock: Clock): Exchange | Refusal {
  const { method, url, clientAddress } = question;
  const [, scheme, authority, path = "", query = ""] = form.exec(url) ?? [];
  if (scheme === undefined || authority === undefined) {
    throw new QuestionProblem(`${url} is no URL such as https://api.example.com/orders/7`);
  }
  if (!methods.has(method)) throw new QuestionProblem(`${method} is no method of a request`);
  const target = path === "" ? "/" : path;
  const host = parseHost(authority);
  const normal = normalisePath(target);
  if (host === null) return refusals.hostInvalid;
  if (normal === null) return refusals.path;
  if (!isAcceptableQuery(query)) return refusals.query;
  const headers = new HeaderList([...question.headers]);
  if (!headers.has("host")) headers.append("Host", authority);
  return new Exchange(
    {
      id: "00000000-0000-7000-8000-000000000000",
      startedAt: clock.now(),
      startedMono: clock.mono(),
      protocol: "HTTP/1.1",
      scheme: scheme.toLowerCase() === "https" ? "https" : "http",
      method,
      host,
      authority,
      target: query === "" ? target : `${target}?${query}`,
      path: normal,
      query,
      headers,
      body: null,
      upgrade: null,
      peerAddress: clientAddress,
      clientAddress,
      peerTrusted: false,
      tls: null,
    },
    answeredClient,
  );
}
