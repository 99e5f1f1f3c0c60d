import type { AcmeRequest, AcmeResponse } from "#edge/acme-server/acme-types.ts";
import { clientScheme } from "#model/client-scheme.ts";
import { refuse, type StepResult } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import type { AcmeHandler } from "#model/handler.ts";
import { HeaderList } from "#model/header-list.ts";
import { readWhole } from "#wire/whole-body.ts";

/** Asks the server of a name. @throws GatewayError `control-call-failed` */
export type AcmePort = (server: string, request: AcmeRequest) => Promise<AcmeResponse>;

/** Larger than any request of the protocol: a certificate request of 16 KiB, twice in base64url. */
const maxBytes = 64 * 1024;

/** Hands the request to the ACME server on main, where accounts, orders and the authority's keys are. */
export function linkAcme({ server }: AcmeHandler, ask: AcmePort): (exchange: Exchange) => StepResult {
  return async (exchange) => {
    const body = await readWhole(exchange.facts.body, maxBytes);
    if (body === null) return refuse("body-too-large", { detail: `more than ${maxBytes} bytes` });
    const { status, headers, body: text } = await ask(server, requestOf(exchange, body));
    const bytes = text.length === 0 ? null : Buffer.from(text);
    exchange.response = new ResponseDraft(status, "", new HeaderList([...headers]), bytes, "content");
    return undefined;
  };
}

function requestOf({ facts, api }: Exchange, body: Uint8Array): AcmeRequest {
  const prefix = api === null || api.path === "/" ? "" : api.path;
  return {
    method: facts.method,
    base: `${clientScheme(facts)}://${facts.authority}${prefix}`,
    path: facts.path.slice(prefix.length) || "/",
    contentType: facts.headers.get("content-type") ?? "",
    body,
  };
}
