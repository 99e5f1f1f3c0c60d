import type { ResponseDraft } from "#model/exchange.ts";
import { HeaderMap } from "./header-map.ts";

/** Type of the CEL variable `response`, when it is not null. */
export const responseFields = { status: "int", headers: "map<string, string>" } as const;

/** The response on its way to the client. */
export class ResponseView {
  readonly #response: ResponseDraft;

  constructor(response: ResponseDraft) {
    this.#response = response;
  }

  get status(): bigint {
    return BigInt(this.#response.status);
  }

  get headers(): HeaderMap {
    return new HeaderMap(this.#response.headers);
  }
}
