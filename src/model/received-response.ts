import type { HeaderList } from "./header-list.ts";

/**
 * The response to a call that a policy made (`send-request`), whole, kept in a variable. `context.Variables` shows it as
 * IResponse, CEL as `{status, reason, headers, body, json}`. Nobody changes it.
 */
export class ReceivedResponse {
  readonly status: number;
  /** Reason phrase; empty when there was none. */
  readonly statusText: string;
  /** Without those of the connection. */
  readonly headers: HeaderList;
  /** Decoded: no Content-Encoding. Its bytes are counted until the exchange is over. */
  readonly body: Uint8Array;

  constructor(status: number, statusText: string, headers: HeaderList, body: Uint8Array) {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.body = body;
  }
}
