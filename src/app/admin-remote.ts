import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { type HasRole, linkRoles } from "#admin/roles.ts";
import { type CallHandler, listenOnPort, type SecureListener, type ServerIdentity } from "#admin/server.ts";
import { createCertificateStore } from "#edge/certificate-store.ts";
import type { EdgeCertificate } from "#edge/edge-types.ts";
import { createInternalCa, type InternalCa } from "#edge/internal-ca.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import { createAuthenticator } from "#identity/authenticate.ts";
import type { ClusterKeys } from "#identity/cluster-keys.ts";
import { authenticateGroups, type PrincipalGroups } from "#identity/groups/authenticate-groups.ts";
import { createTokenVerifier, type ManagedTokenVerifier } from "#identity/token-verifier.ts";
import type { Outcome, StepResult } from "#model/decision.ts";
import type { ListenAddress, Provider, RemoteAdmin } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock, Log, Random } from "#model/ports.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import type { ControlDefinition } from "./definition/read-result.ts";
import type { Standing } from "./standing.ts";

export interface CallersOptions {
  readonly definition: ControlDefinition;
  readonly listen: ListenAddress;
  readonly clock: Clock;
  readonly log: Log;
  readonly standing: Pick<Standing, "settle">;
  readonly keysOfCluster: ClusterKeys;
  readonly groups: () => PrincipalGroups;
}

export interface RemoteOptions {
  /** As it was probed: port 0 is a number by now. */
  readonly listen: ListenAddress;
  readonly caPath: string;
  /** Opened in that folder already; undefined: it is opened here. */
  readonly internalCa: InternalCa | undefined;
  readonly secrets: SecretFiles;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Who may call over TCP, by the definition in force: an identity of the admin API's own provider and audience, with a role. */
export class RemoteCallers {
  readonly #clock: Clock;
  readonly #tokens: ManagedTokenVerifier;
  readonly #authenticate: (exchange: Exchange) => StepResult;
  #hasRole: HasRole;

  constructor({ definition, listen, clock, log, standing, keysOfCluster, groups }: CallersOptions) {
    const egress = createEgress({ allow: [], ownAddresses: [{ ...listen, admin: true }], clock });
    this.#clock = clock;
    this.#tokens = createTokenVerifier({
      providers: providersFor(definition),
      egress,
      clock,
      log,
      clusterKeys: keysOfCluster,
    });
    // Subscription keys open APIs, never this door.
    const authenticator = createAuthenticator({
      tokens: this.#tokens,
      keys: { find: () => undefined },
    });
    const authenticate = authenticateGroups((exchange) => authenticator.authenticate(exchange), groups);
    this.#authenticate = (exchange) => {
      const settled = (refused: Outcome): Outcome => refused ?? standing.settle(exchange);
      const outcome = authenticate(exchange);
      return outcome instanceof Promise ? outcome.then(settled) : settled(outcome);
    };
    this.#hasRole = linkRoles(rolesOf(definition), clock);
  }

  authenticate(exchange: Exchange): StepResult {
    return this.#authenticate(exchange);
  }

  readonly hasRole: HasRole = (exchange, role) => this.#hasRole(exchange, role);

  /** A definition that no longer says who may call lets nobody call, although the listener stays until the next start. */
  use(definition: ControlDefinition): void {
    this.#tokens.update(providersFor(definition));
    this.#hasRole = linkRoles(rolesOf(definition), this.#clock);
  }

  close(): void {
    this.#tokens.close();
  }
}

function rolesOf({ admin: { remote } }: ControlDefinition): RemoteAdmin["roles"] {
  return remote?.roles ?? { viewer: null, operator: null };
}

function providersFor({ admin: { remote }, providers }: ControlDefinition): readonly Provider[] {
  if (remote === null) return [];
  const { audience } = remote;
  return providers.filter(({ name }) => name === remote.provider).map((one) => ({ ...one, audiences: [audience] }));
}

/** @throws GatewayError `store-corrupt` for a CA that cannot be used; what `listen` throws */
export async function listenRemotely(
  remote: RemoteAdmin,
  options: RemoteOptions,
  handler: CallHandler,
): Promise<SecureListener> {
  const { listen } = options;
  const door = { kind: "tcp", scheme: "https", hosts: hostsOf(listen, remote.hosts) } as const;
  if (remote.tls !== null) {
    const { certificate, key } = remote.tls;
    return listenOnPort(listen, { cert: certificate, key: key.reveal() }, door, handler);
  }
  return listenWithInternalCa([...addressesOf(listen), ...remote.hosts], options, (identity) =>
    listenOnPort(listen, identity, door, handler),
  );
}

async function listenWithInternalCa(
  names: readonly string[],
  { caPath: directory, internalCa, secrets, clock, random, log }: RemoteOptions,
  open: (identity: ServerIdentity) => Promise<SecureListener>,
): Promise<SecureListener> {
  const ca = internalCa ?? (await createInternalCa({ directory, secrets, clock, random, log }));
  const opened = Promise.withResolvers<SecureListener>();
  const store = await createCertificateStore({
    ca,
    names: [...new Set(names)],
    clock,
    log,
    onRenewed: ([renewed]) => {
      if (renewed !== undefined) void opened.promise.then((listener) => listener.setIdentity(identityOf(renewed)));
    },
  });
  const listener = await open(identityOf(store.current()[0]));
  opened.resolve(listener);
  const close = async (): Promise<void> => {
    store.stop();
    await listener.close();
  };
  return { ...listener, close };
}

function identityOf(certificate: EdgeCertificate | undefined): ServerIdentity {
  return { cert: certificate?.certPem ?? "", key: certificate?.keyPem ?? "" };
}

/** Values that Host may have: the addresses, and the names that the definition gives. */
function hostsOf(listen: ListenAddress, names: readonly string[]): ReadonlySet<string> {
  const hosts = [...addressesOf(listen), ...names].map((name) => (isIPv6(name) ? `[${name}]` : name));
  const withPort = hosts.map((host) => `${host}:${listen.port}`);
  return new Set(listen.port === 443 ? [...withPort, ...hosts] : withPort);
}

const here = ["localhost", "127.0.0.1", "::1"];

/** What the listener is reached by without a name of the definition. */
function addressesOf({ host }: ListenAddress): readonly string[] {
  if (host === "localhost" || host === "127.0.0.1" || host === "::1") return here;
  if (host !== "::" && host !== "0.0.0.0") return [host];
  const all = Object.values(networkInterfaces()).flatMap((one) => (one ?? []).map(({ address }) => address));
  // Link-local ones mean nothing without their zone, which no Host can say.
  return [...new Set([...here, ...all.filter((address) => !address.startsWith("fe80:"))])];
}
