import type { EdgeRefusal } from "#edge/edge-types.ts";
import { answeredClient } from "#model/body.ts";
import { refuse } from "#model/decision.ts";
import { Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";

/**
 * A request that the edge refused before it became an exchange (malformed, too large, too slow), in the form that the
 * record knows: so that `explain` answers for every request id that a client was given.
 */
export function exchangeOfRefusal(refused: EdgeRefusal, startedMono: number): Exchange {
  const protocol = refused.protocol === "HTTP/2" || refused.protocol === "HTTP/1.0" ? refused.protocol : "HTTP/1.1";
  const exchange = new Exchange(
    {
      id: refused.id,
      startedAt: refused.at,
      startedMono,
      protocol,
      scheme: refused.scheme,
      method: refused.method,
      host: refused.host,
      authority: refused.host,
      target: refused.target,
      path: refused.target,
      query: "",
      headers: new HeaderList(),
      body: null,
      peerAddress: refused.peerAddress,
      clientAddress: refused.peerAddress,
      peerTrusted: false,
      tls: null,
      upgrade: null,
    },
    answeredClient,
  );
  const { reason, status, detail } = refused;
  exchange.refusal = refuse(reason, { status, detail });
  exchange.response = new ResponseDraft(status, "", new HeaderList(), null, "gateway");
  exchange.bytesOut = refused.bodyBytes;
  exchange.trail.push({ door: "edge", step: "read", outcome: "refused", reason, detail, micros: 0 });
  return exchange;
}
