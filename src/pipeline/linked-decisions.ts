import type { Compressor } from "#content/compress.ts";
import { createTrust, type Trust } from "#edge/trust.ts";
import { challengeOf } from "#identity/challenges.ts";
import type { Membership } from "#identity/subscription.ts";
import { mapSteps, type Steps } from "#lib/slices.ts";
import type { EdgeSettings } from "#model/definition.ts";
import type { Maintenance } from "#model/maintenance.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";
import type { Challenge, Clock } from "#model/ports.ts";
import type { AccessPlan, ApiFacts, Snapshot } from "#model/snapshot.ts";
import { linkAccess, type LinkedAccess } from "#policy/access.ts";
import { type LinkedMaintenance, linkMaintenance } from "#policy/maintenance.ts";
import { linkMembers } from "#policy/members.ts";
import { onceEach } from "./once-each.ts";
import { createRouter, type Router } from "./router.ts";
import { serviceUrls } from "./service-urls.ts";

/** The part of a linked snapshot that says which operation a request is for and who may call it. */
export interface LinkedDecisions {
  readonly snapshot: Snapshot;
  readonly router: Router;
  readonly ownCertificates: ReadonlyMap<string, OwnCertificate>;
  /** By backend: see {@link serviceUrls}. */
  readonly serviceUrls: readonly string[];
  /** By route id. */
  readonly access: readonly LinkedAccess[];
  readonly members: Membership;
  readonly challenge: Challenge;
  /** By API index: proxies that its requests are believed from, those of the edge included; null: those of the edge alone. */
  readonly proxies: readonly (Trust | null)[];
  /** By route id; null: responses go out as they are. */
  readonly compressors: readonly (Compressor | null)[];
  /** By route id; null: it is served. */
  readonly maintenance: readonly (LinkedMaintenance | null)[];
}

/** Without own certificates and compressors, which decide nothing. */
export function* linkDecisions(snapshot: Snapshot, clock: Clock): Steps<LinkedDecisions> {
  const challenge = challengeOf(snapshot.providers);
  const accessFor = onceEach((plan: AccessPlan) => linkAccess(plan, clock, challenge));
  const maintenanceFor = onceEach((settings: Maintenance) => linkMaintenance(settings, clock));
  return {
    snapshot,
    router: createRouter(snapshot.router),
    ownCertificates: new Map(),
    serviceUrls: serviceUrls(snapshot.backends),
    access: yield* mapSteps(snapshot.routes, ({ access }) => accessFor(access)),
    members: linkMembers(snapshot.products, clock),
    challenge,
    proxies: yield* mapSteps(snapshot.apis, (api) => linkProxies(api, snapshot.edge)),
    compressors: [],
    maintenance: yield* mapSteps(snapshot.routes, ({ maintenance }) => maintenance && maintenanceFor(maintenance)),
  };
}

function linkProxies({ trustedProxies }: ApiFacts, edge: EdgeSettings): Trust | null {
  return trustedProxies.length === 0 ? null : createTrust([...edge.trustedProxies, ...trustedProxies]);
}
