import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";
import type { ProxyDestination } from "#model/ports.ts";

/** A request of a policy's own in the making. */
export interface CallDraft {
  /** Absolute; empty until `set-url` has said it. */
  url: string;
  /** The destination stands in the definition. */
  declared: boolean;
  method: string;
  headers: HeaderList;
  /** Instead of the URL's own. */
  host: string | undefined;
  body: Uint8Array | null;
  proxy: ProxyDestination | undefined;
  certificate: OwnCertificate | undefined;
}

/** One policy inside `send-request`. What its expressions read is the exchange. */
export type CallChange = (draft: CallDraft, exchange: Exchange) => void | Promise<void>;

export function newCall(): CallDraft {
  return {
    url: "",
    declared: false,
    method: "GET",
    headers: new HeaderList(),
    host: undefined,
    body: null,
    proxy: undefined,
    certificate: undefined,
  };
}
