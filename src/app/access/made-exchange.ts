import { answeredClient } from "#model/body.ts";
import { Exchange, type RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";

/** An exchange that nobody has sent: for rules that look at a principal alone, and for what the gateway does by itself. */
export function madeExchange(principal: Principal, clock: Clock, parts: Partial<RequestFacts> = {}): Exchange {
  const exchange = new Exchange(
    {
      id: "",
      startedAt: clock.now(),
      startedMono: clock.mono(),
      protocol: "HTTP/1.1",
      scheme: "https",
      method: "",
      host: "",
      authority: "",
      target: "",
      path: "",
      query: "",
      headers: new HeaderList(),
      body: null,
      upgrade: null,
      peerAddress: "",
      clientAddress: "",
      peerTrusted: false,
      tls: null,
      ...parts,
    },
    answeredClient,
  );
  exchange.principal = principal;
  return exchange;
}
