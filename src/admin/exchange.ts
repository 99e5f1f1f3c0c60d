import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { answeredClient } from "#model/body.ts";
import { Exchange, type TlsFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { ApiFacts, Route } from "#model/snapshot.ts";

/** What records call this API: no API of a definition can have the name. */
export const adminApi: ApiFacts = {
  name: "sallyport:admin",
  displayName: "Admin API",
  path: "/",
  trustedProxies: [],
  subscriptionKey: { header: "", query: "", forward: false },
  version: "",
  revision: null,
  errors: "problem",
  retryMethods: null,
};

export interface CallFacts {
  readonly id: string;
  /** Milliseconds since the epoch, and monotonic. */
  readonly now: number;
  readonly mono: number;
  readonly scheme: "http" | "https";
}

export type RequestParts = Pick<
  IncomingMessage,
  "url" | "method" | "httpVersion" | "rawHeaders" | "headers" | "socket"
>;

/** A call in the form that the record knows, so that `explain` answers for it as for every other request. */
export function exchangeOf(request: RequestParts, { id, now, mono, scheme }: CallFacts): Exchange {
  const { url = "", method = "", rawHeaders, headers, socket } = request;
  const at = url.indexOf("?");
  const address = socket.remoteAddress ?? "";
  const exchange = new Exchange(
    {
      id,
      startedAt: now,
      startedMono: mono,
      protocol: request.httpVersion === "1.0" ? "HTTP/1.0" : "HTTP/1.1",
      scheme,
      method,
      host: (headers.host ?? "").toLowerCase(),
      authority: headers.host ?? "",
      target: url,
      path: at < 0 ? url : url.slice(0, at),
      query: at < 0 ? "" : url.slice(at + 1),
      headers: new HeaderList(rawHeaders),
      body: null,
      peerAddress: address,
      clientAddress: address,
      peerTrusted: false,
      upgrade: null,
      tls: socket instanceof TLSSocket ? tlsFacts(socket) : null,
    },
    answeredClient,
  );
  return exchange;
}

function tlsFacts(socket: TLSSocket): TlsFacts {
  return {
    version: socket.getProtocol() ?? "",
    cipher: socket.getCipher().name,
    serverName: null,
    certificate: null,
    certificateProblem: null,
  };
}

/** An operation as the record names it. */
export function routeOf(id: number, operation: string, method: string, template: string): Route {
  return {
    id,
    api: 0,
    operation,
    method,
    template,
    apiPathLength: 0,
    access: { public: false, clientCertificate: false, rules: [], subscription: "none" },
    chains: [],
    handler: { kind: "proxy" },
    compression: null,
    maintenance: null,
    backend: -1,
    bodyBytes: 0,
    timeoutMs: 0,
    upgrades: [],
    examples: [],
    description: null,
    forwardAuth: false,
  };
}
