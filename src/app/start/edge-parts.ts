import { allClientAuthorities } from "#edge/client-trust.ts";
import { ClientStatuses } from "#edge/revocation/client-statuses.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { AcmeServers } from "#app/acme-servers.ts";
import { adminSocketPath } from "#app/admin-socket.ts";
import type { ControlDefinition, ControlSnapshot } from "#app/definition/read-result.ts";
import { Listeners } from "#app/listeners.ts";
import { listHost, listPort, writeListPlace } from "#app/list-place.ts";
import { responderEgress } from "#app/responder-egress.ts";
import { openTls, type TlsKeeper } from "#app/tls-keeper.ts";
import { TicketKeys } from "#app/tls-tickets.ts";
import type { WorkerPool } from "#app/worker-pool.ts";
import type { Base } from "./base.ts";
import type { RecordParts } from "./record-parts.ts";

/** Ports and certificates of the workers. */
export interface EdgeParts {
  /** Undefined when TLS is off. */
  readonly tls: TlsKeeper | undefined;
  readonly statuses: ClientStatuses;
  readonly acme: AcmeServers | undefined;
  readonly ticketKeys: TicketKeys;
  readonly listeners: Listeners;
  /** Paths of Unix sockets that nobody is led to. */
  readonly ownSockets: readonly string[];
  /** Writes down where lists of revoked certificates are found: certificates that are issued say it. */
  readonly tellListPlace: (definition: ControlDefinition, snapshot: ControlSnapshot) => Promise<void>;
}

/** @throws GatewayError `store-corrupt`, `port-in-use` */
export async function openEdge(base: Base, record: RecordParts, pool: WorkerPool): Promise<EdgeParts> {
  const { undo, clock, random, log, metrics, data, inForce, wheel } = base;
  const { definition, ownAddresses } = inForce;
  const snapshot = inForce.compiled.control;
  const allow = (): readonly string[] => inForce.compiled.control.egress.allow;
  const egressTo = responderEgress({ allow, ownAddresses, clock, wheel });
  const tls = await openTls({
    definition,
    snapshot,
    dataPath: data.path,
    caPath: data.caPath,
    secrets: base.secrets.files,
    clock,
    random,
    log,
    meter: metrics,
    egress: (ca) => createEgress({ allow: [], ownAddresses: [], clock, ca }),
    responderEgress: egressTo,
    events: record.events,
    ...publishers(pool),
  });
  undo.defer(() => tls?.stop());
  const statuses = new ClientStatuses({
    egress: egressTo,
    trusted: () => allClientAuthorities(inForce.compiled.control.edge, tls?.roots() ?? ""),
    own: async (serial, issuer) => (await tls?.issuer.statusOf(serial, issuer)) ?? null,
    clock,
    log,
    meter: metrics,
  });
  const clearPort = (): number | null => listPort(inForce.compiled.control.edge, inForce.bound.http);
  const acme =
    tls && new AcmeServers({ directory: data.acmeServerPath, issuer: tls.issuer, clearPort, clock, random, log });
  await acme?.use(definition.acmeServers);
  const ticketKeys = new TicketKeys(random, (fresh) => pool.tell({ type: "ticket-keys", keys: fresh }));
  undo.defer(() => ticketKeys.stop());
  undo.defer(() => pool.drain(inForce.compiled.control.edge.limits.drainMs));
  const listeners = await Listeners.open(snapshot, definition);
  inForce.bound = listeners.bound;
  // Before the workers drain: whoever comes by then is to come to the next gateway.
  undo.defer(() => listeners.close());
  const ownSockets = [...listeners.paths, adminSocketPath(data.path)];
  const tellListPlace: EdgeParts["tellListPlace"] = async ({ acmeServers }, { hosts, edge }) => {
    if (tls === undefined) return;
    const host = listHost([...acmeServers.flatMap((server) => server.hosts), ...hosts]);
    await writeListPlace(data.caPath, host, listPort(edge, inForce.bound.http), random);
  };
  return { tls, statuses, acme, ticketKeys, listeners, ownSockets, tellListPlace };
}

type Publishers = Pick<
  Parameters<typeof openTls>[0],
  "publish" | "publishRoots" | "publishRevoked" | "publishStaple" | "publishChallenges"
>;

function publishers(pool: WorkerPool): Publishers {
  return {
    publish: (certificates) => pool.tell({ type: "certificates", certificates }),
    publishRoots: (roots) => pool.tell({ type: "internal-roots", roots }),
    publishRevoked: (revoked) => pool.tell({ type: "revoked", keys: revoked }),
    publishStaple: (staple) => pool.tell({ type: "staple", staple }),
    publishChallenges: (challenges) => pool.broadcast({ type: "challenges", challenges }),
  };
}
