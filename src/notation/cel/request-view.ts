import type { Exchange } from "#model/exchange.ts";
import { bodyJson, bodyText, noBytes } from "./body-view.ts";
import { HeaderMap } from "./header-map.ts";
import { QueryMap } from "./query-map.ts";

/** Type of the CEL variable `request`. */
export const requestFields = {
  method: "string",
  scheme: "string",
  host: "string",
  path: "string",
  query: "map<string, string>",
  queryString: "string",
  headers: "map<string, string>",
  clientAddress: "string",
  authority: "string",
  peerAddress: "string",
  localPort: "int",
  sentMethod: "string",
  sentPath: "string",
  sentQuery: "string",
  id: "string",
  body: "string",
  json: "dyn",
  protocol: "string",
} as const;

/**
 * The request as the client sent it; only `headers`, `body`, `json` and what begins with `sent` are what will go upstream,
 * with what policies have changed by now (as `context.Request.Headers` in API Management).
 */
export class RequestView {
  readonly #exchange: Exchange;
  #headers: HeaderMap | null = null;
  #query: QueryMap | null = null;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  get method(): string {
    return this.#exchange.facts.method;
  }

  get scheme(): string {
    return this.#exchange.facts.scheme;
  }

  get host(): string {
    return this.#exchange.facts.host;
  }

  get path(): string {
    return this.#exchange.facts.path;
  }

  get query(): QueryMap {
    return (this.#query ??= new QueryMap(this.#exchange.facts.query));
  }

  get queryString(): string {
    return this.#exchange.facts.query;
  }

  get headers(): HeaderMap {
    return (this.#headers ??= new HeaderMap(this.#exchange.request.headers));
  }

  get clientAddress(): string {
    return this.#exchange.facts.clientAddress;
  }

  get authority(): string {
    return this.#exchange.facts.authority;
  }

  get peerAddress(): string {
    return this.#exchange.facts.peerAddress;
  }

  get localPort(): bigint {
    return BigInt(this.#exchange.facts.localPort ?? 0);
  }

  get sentMethod(): string {
    return this.#exchange.request.method;
  }

  get sentPath(): string {
    return this.#exchange.request.path;
  }

  get sentQuery(): string {
    return this.#exchange.request.query;
  }

  get body(): string {
    return bodyText(this.#bytes);
  }

  get json(): unknown {
    return bodyJson(this.#bytes);
  }

  get #bytes(): Uint8Array | undefined {
    const { request, facts } = this.#exchange;
    if (request.body === undefined) return facts.body === null ? noBytes : undefined;
    return request.body ?? noBytes;
  }

  get id(): string {
    return this.#exchange.facts.id;
  }

  get protocol(): string {
    return this.#exchange.facts.protocol;
  }
}
