import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { EgressRequest, EgressResponse } from "#model/ports.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { canDecode, codingsOf, forgetCoding } from "#policy/body-codings.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { decodeBody } from "#policy/decode-body.ts";
import type { CallDraft } from "./call-draft.ts";

const ownLength: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);
const empty = new Uint8Array(0);

/**
 * Sends a call and keeps its answer for the exchange, in the room that there is for bodies.
 * @throws GatewayError `egress-refused`, `upstream-…`, `body-room-full`, `client-aborted`
 */
export async function sendCall(
  draft: CallDraft,
  exchange: Exchange,
  ports: PolicyPorts,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ReceivedResponse> {
  const { bodies, egress } = ports;
  const admit = (bytes: number): boolean => {
    // Its room has been given back already; nobody would give back more.
    if (exchange.aborted || !bodies.take(bytes)) return false;
    exchange.gatheredBytes += bytes;
    return true;
  };
  const response = await egress.fetch({
    ...requestOf(draft),
    timeoutMs,
    maxBytes: bodies.maxBytes,
    admit,
    signal,
    keepAlive: true,
  });
  return received(response, admit, bodies.maxBytes);
}

export function requestOf({
  url,
  declared,
  method,
  headers,
  host,
  body,
  proxy,
  certificate,
}: CallDraft): Omit<EgressRequest, "timeoutMs" | "maxBytes"> {
  // RFC 9110 §8.6: methods that define a meaning for a body say that there is none.
  const sent = body ?? (ownLength.has(method) ? empty : null);
  return {
    url,
    declared,
    method,
    headers: headers.raw,
    ...(host === undefined ? {} : { host }),
    ...(sent === null ? {} : { body: sent }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}

async function received(
  { status, statusText = "", headers, body }: EgressResponse,
  admit: (bytes: number) => boolean,
  maxBytes: number,
): Promise<ReceivedResponse> {
  const codings = codingsOf(headers);
  if (codings.length === 0 || body.byteLength === 0) return new ReceivedResponse(status, statusText, headers, body);
  if (!canDecode(codings)) throw malformed("its Content-Encoding is not known here");
  let decoded = 0;
  const take = (bytes: number): GatewayError | undefined => {
    decoded += bytes;
    if (decoded > maxBytes) return malformed("the answer is larger than allowed");
    return admit(bytes) ? undefined : new GatewayError("body-room-full", 503, "no memory is left for the answer");
  };
  const whole = await decodeBody(body, codings, { take, malformed: () => malformed("it is not what it says") });
  forgetCoding(headers);
  return new ReceivedResponse(status, statusText, headers, whole);
}

function malformed(why: string): GatewayError {
  return new GatewayError("upstream-malformed", 502, why, { source: "upstream" });
}
