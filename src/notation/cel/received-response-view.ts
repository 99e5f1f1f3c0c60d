import type { ReceivedResponse } from "#model/received-response.ts";
import { bodyJson, bodyText } from "./body-view.ts";
import { HeaderMap } from "./header-map.ts";

/** Type of a variable that holds the response to a call of a policy. */
export const receivedFields = {
  status: "int",
  reason: "string",
  headers: "map<string, string>",
  body: "string",
  json: "dyn",
} as const;

export class ReceivedResponseView {
  readonly #response: ReceivedResponse;

  constructor(response: ReceivedResponse) {
    this.#response = response;
  }

  get status(): bigint {
    return BigInt(this.#response.status);
  }

  get reason(): string {
    return this.#response.statusText;
  }

  get headers(): HeaderMap {
    return new HeaderMap(this.#response.headers);
  }

  get body(): string {
    return bodyText(this.#response.body);
  }

  get json(): unknown {
    return bodyJson(this.#response.body);
  }
}
