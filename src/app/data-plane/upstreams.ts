import { createKeyedDigest } from "#lib/keyed-digest.ts";
import { hashText } from "#lib/hash32.ts";
import type { Connections } from "#model/connection.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Permit } from "#model/permit.ts";
import type { ForwardPort, UpstreamResponse } from "#model/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import type { BackendTokens } from "#pipeline/upstream-authorization.ts";
import { createFastCgi } from "#upstream/fastcgi/fastcgi.ts";
import { createForwarder, type Forwarder } from "#upstream/forward.ts";
import { TokenCache } from "#upstream/managed-identity/token-cache.ts";
import type { Tools } from "./tools.ts";

/** A metadata service that is busy is asked again for some seconds. */
const identityPatienceMs = 30_000;
/** Those of callers whose tokens are exchanged are among them; each has about 4 KiB. */
const connectionTokensAtMost = 4096;

/** Where requests go, and what they are given to be let in there. */
export interface Upstreams {
  readonly forwarder: Forwarder;
  readonly fastCgi: ReturnType<typeof createFastCgi>;
  readonly managedIdentity: TokenCache;
  readonly connections: Connections;
  readonly backendTokens: BackendTokens;
  /** Another definition has come: what a reload takes away is not used from then on. */
  forgetConnections(): void;
}

export function createUpstreams(tools: Tools, snapshot: Snapshot): Upstreams {
  const { start, say, clock, log, check, ownAddresses, control } = tools;
  const forwarder = createForwarder({
    backends: snapshot.backends,
    egress: snapshot.egress,
    check,
    clock,
    ownAddresses,
    ownSockets: start.sockets,
    stickyKey: createKeyedDigest(start.pepper)("sticky cookies"),
    probeShare: {
      isMine: (key) => hashText(key) % start.count === start.index,
      publish: (key, up) => say({ type: "probe", key, up }),
    },
    log,
  });
  const fastCgi = createFastCgi({ check, clock, log });
  const managedIdentity = new TokenCache(
    (resource, clientId) => control.call("managed-identity.token", { resource, clientId }, identityPatienceMs),
    clock,
  );
  const askConnection = (): TokenCache =>
    new TokenCache(
      (provider, name, subject) => control.call("connection.token", { provider, name, subject }, identityPatienceMs),
      clock,
      connectionTokensAtMost,
    );
  let connectionTokens = askConnection();
  return {
    forwarder,
    fastCgi,
    managedIdentity,
    connections: { token: (provider, name) => connectionTokens.token(provider, name) },
    backendTokens: {
      find: (source, subject) =>
        source.kind === "managed-identity"
          ? managedIdentity.find(source.resource, source.clientId)
          : connectionTokens.find(source.provider, source.name, subject),
    },
    forgetConnections: () => {
      connectionTokens = askConnection();
    },
  };
}

/** Routes are linked before their backends are in force: until then nobody is routed by them. */
export class LaterPort implements ForwardPort {
  port: ForwardPort | null = null;

  forward(exchange: Exchange, permit: Permit): Promise<UpstreamResponse> {
    if (this.port !== null) return this.port.forward(exchange, permit);
    return Promise.reject(new GatewayError("internal", 500, "a snapshot forwards before it is in force"));
  }
}
