import type { ClientStream } from "#model/body.ts";
import { Exchange, type RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";

/** A GET of `/orders/7?a=1&a=2` by nobody. */
export function exchangeFor(headers: string[] = [], facts: Partial<RequestFacts> = {}): Exchange {
  const base: RequestFacts = {
    id: "0190-test",
    startedAt: 0,
    startedMono: 0,
    protocol: "HTTP/1.1",
    scheme: "https",
    method: "GET",
    host: "api.example.com",
    authority: "api.example.com",
    target: "/orders/7",
    path: "/orders/7",
    query: "a=1&a=2&b=x%20y",
    headers: new HeaderList(headers),
    body: null,
    peerAddress: "192.0.2.1",
    clientAddress: "192.0.2.1",
    peerTrusted: false,
    upgrade: null,
    tls: null,
  };
  return new Exchange({ ...base, ...facts }, {} as ClientStream);
}

export const fixedClock = { now: (): number => Date.UTC(2026, 0, 2), mono: (): number => 0 };
