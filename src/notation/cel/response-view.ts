import { STATUS_CODES } from "#lib/node-http.ts";
import type { ResponseDraft } from "#model/exchange.ts";
import { bodyJson, bodyText, noBytes } from "./body-view.ts";
import { HeaderMap } from "./header-map.ts";

/** Type of the CEL variable `response`, when it is not null. */
export const responseFields = {
  status: "int",
  reason: "string",
  headers: "map<string, string>",
  body: "string",
  json: "dyn",
} as const;

/** The response on its way to the client. */
export class ResponseView {
  readonly #response: ResponseDraft;

  constructor(response: ResponseDraft) {
    this.#response = response;
  }

  get status(): bigint {
    return BigInt(this.#response.status);
  }

  /** The standard phrase where the upstream, over HTTP/2, has sent none. */
  get reason(): string {
    return this.#response.statusText || (STATUS_CODES[this.#response.status] ?? "");
  }

  get body(): string {
    return bodyText(this.#bytes);
  }

  get json(): unknown {
    return bodyJson(this.#bytes);
  }

  get #bytes(): Uint8Array | undefined {
    const { body } = this.#response;
    return body === null ? noBytes : body instanceof Uint8Array ? body : undefined;
  }

  get headers(): HeaderMap {
    return new HeaderMap(this.#response.headers);
  }
}
