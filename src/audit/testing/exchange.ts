import type { ClientStream } from "#model/body.ts";
import { Exchange, type Handover, type RequestFacts, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Principal } from "#model/principal.ts";
import type { ApiFacts, Route } from "#model/snapshot.ts";

export const requestFacts: RequestFacts = {
  id: "019ca8f4-d200-7000-8000-00000000002a",
  startedAt: Date.parse("2026-03-01T12:00:00.123Z"),
  startedMono: 1000,
  protocol: "HTTP/2",
  scheme: "https",
  method: "GET",
  host: "api.example.com",
  authority: "api.example.com",
  target: "/orders/7?page=2",
  path: "/orders/7",
  query: "page=2",
  headers: new HeaderList(["authorization", "Bearer s3cret-token", "ocp-apim-subscription-key", "s3cret-key"]),
  body: null,
  peerAddress: "10.0.0.1",
  clientAddress: "203.0.113.9",
  peerTrusted: true,
  upgrade: null,
  tls: {
    version: "TLSv1.3",
    cipher: "TLS_AES_128_GCM_SHA256",
    serverName: "api.example.com",
    certificate: null,
    certificateProblem: null,
  },
};

export const person: Principal = {
  id: "https://login.example.com|t1|jane",
  kind: "user",
  issuer: "https://login.example.com",
  subject: "jane",
  tenant: "t1",
  groups: ["engineering", "on-call"],
  roles: [],
  scopes: [],
  authMethod: "token",
  tokenId: "jti-1",
  tokenDigest: "3q2-7wAA",
  clientId: "orders-cli",
  claims: {},
};

export const ordersApi: ApiFacts = {
  name: "orders",
  displayName: "Orders",
  path: "/orders",
  trustedProxies: [],
  subscriptionKey: { header: "Ocp-Apim-Subscription-Key", query: "orders-key", forward: false },
  version: "",
  revision: null,
  errors: "problem",
  retryMethods: null,
};

export const orderRoute: Route = {
  id: 3,
  api: 0,
  operation: "get-orders-id",
  method: "GET",
  template: "/orders/{id}",
  apiPathLength: 7,
  access: { public: false, clientCertificate: false, rules: [], subscription: "none" },
  chains: [],
  backend: 0,
  bodyBytes: 1,
  handler: { kind: "proxy" },
  compression: null,
  maintenance: null,
  timeoutMs: 1,
  upgrades: [],
  examples: [],
  description: null,
  forwardAuth: false,
};

/** Records never look at the client's stream. */
const noClient: ClientStream = {
  informational: () => {},
  head: () => {},
  switchProtocols: () => {
    throw new Error("records never look at the client's stream");
  },
  write: () => true,
  end: () => {},
  abort: () => {},
  listener: null,
  closeAfter: () => {},
  headSent: false,
};

export function exchangeOf(facts: Partial<RequestFacts> = {}): Exchange {
  return new Exchange({ ...requestFacts, ...facts }, noClient);
}

export function routedExchange(facts: Partial<RequestFacts> = {}): Exchange {
  const exchange = exchangeOf(facts);
  exchange.route = orderRoute;
  exchange.api = ordersApi;
  exchange.trail.push(passed("edge", "route", 9));
  return exchange;
}

export function passed(door: Handover["door"], step: string, micros: number): Handover {
  return { door, step, outcome: "passed", micros };
}

export function respond(exchange: Exchange, status: number): Exchange {
  exchange.response = new ResponseDraft(status, "", new HeaderList(), null, "gateway");
  return exchange;
}

/** A good request, all the way through. */
export function servedExchange(facts: Partial<RequestFacts> = {}): Exchange {
  const exchange = routedExchange(facts);
  exchange.principal = person;
  exchange.subscription = { id: "jane-starter", scope: "product:starter", by: "key" };
  exchange.product = { name: "starter", displayName: "Starter", subscription: "either", members: null };
  exchange.trail.push(passed("identity", "authenticate", 41), passed("policy", "access", 6));
  exchange.trail.push({ ...passed("policy", "rate-limit-by-key", 3), policy: "orders-limit" });
  exchange.trail.push(passed("upstream", "forward", 2310), passed("outbound", "outbound", 2));
  exchange.upstream = {
    name: "orders",
    address: "127.0.0.1:9001",
    url: "http://127.0.0.1:9001",
    tries: 1,
    status: 200,
    connectMs: 0.5,
    headersMs: 2.25,
    endedMono: 1002.5,
  };
  exchange.bytesOut = 4310;
  return respond(exchange, 200);
}
