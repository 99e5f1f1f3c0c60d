import { createSite } from "#site/site.ts";
import { accessPages } from "#app/access/access-pages.ts";
import { clusterKeys } from "#app/cluster-keys.ts";
import { ConnectionTokens } from "#app/connection-tokens.ts";
import { GroupLookups } from "#app/group-lookups.ts";
import { keyPages } from "#app/keys/key-pages.ts";
import { LoginKeeper } from "#app/login-keeper.ts";
import { MainEgress } from "#app/main-egress.ts";
import { managedIdentity } from "#app/managed-identity.ts";
import type { WorkerPool } from "#app/worker-pool.ts";
import type { Base } from "./base.ts";
import type { PeopleParts } from "./people-parts.ts";
import type { RecordParts } from "./record-parts.ts";
import type { Switches } from "./switches.ts";

/** What is asked of providers, and the pages that the gateway serves itself. */
export interface LoginParts {
  readonly egress: MainEgress;
  readonly groupLookups: GroupLookups;
  readonly keysOfCluster: ReturnType<typeof clusterKeys>;
  readonly login: LoginKeeper;
  readonly connections: ConnectionTokens;
  readonly identity: ReturnType<typeof managedIdentity>;
  readonly site: ReturnType<typeof createSite>;
  /** Sessions have ended: workers are to ask for them again. */
  readonly publishSessions: (handles: readonly string[]) => void;
}

export function openLogin(
  base: Base,
  { events }: RecordParts,
  pool: WorkerPool,
  people: PeopleParts,
  { assertionKeys }: Switches,
): LoginParts {
  const { undo, clock, random, log, wheel, inForce, secrets } = base;
  const { definition, ownAddresses } = inForce;
  const { store, standing, answerLinks, access } = people;
  const egress = new MainEgress({
    allow: () => inForce.compiled.control.egress.allow,
    ownAddresses,
    clock,
    wheel,
  });
  undo.defer(() => egress.close());
  const groupLookups = new GroupLookups(definition, { egress, clock, log });
  const keysOfCluster = clusterKeys(() => inForce.definition.providers, egress);
  const publishSessions = (handles: readonly string[]): void => pool.tell({ type: "sessions", handles });
  const login = new LoginKeeper(definition, {
    store,
    egress,
    standing: standing.of,
    groups: () => groupLookups.groups,
    pepper: secrets.pepper,
    sealer: secrets.sealer,
    clock,
    random,
    log,
    publish: publishSessions,
    events,
  });
  undo.defer(() => login.close());

  const connections = new ConnectionTokens(
    definition.connections,
    clock,
    log,
    (digest) => login.accessToken(digest),
    events,
  );
  const site = createSite({
    clock,
    log,
    events,
    login: login.ports,
    cliLogin: () => inForce.definition.cliLogin,
    access: accessPages(
      () => access,
      answerLinks,
      () => login.ports,
      random,
      clock,
    ),
    keys: keyPages(store, () => people.keyKeeper.rotations),
    assertionKeys: () => assertionKeys.keySet,
    scim: people.people.scim,
  });
  const identity = managedIdentity(clock, log);
  return { egress, groupLookups, keysOfCluster, login, connections, identity, site, publishSessions };
}
