import { Buffer } from "node:buffer";
import type { PrincipalGroups } from "#identity/groups/authenticate-groups.ts";
import { LogoutTokens } from "#identity/login/logout-tokens.ts";
import { OidcClients } from "#identity/login/oidc-clients.ts";
import { WaitingPlaces } from "#lib/waiting-places.ts";
import type { Clock, Egress, EventRecorder, Log, Random, Sealer } from "#model/ports.ts";
import type { LoginPorts } from "#site/login/login-ports.ts";
import { Sessions } from "#site/sessions/sessions.ts";
import { SessionWrites } from "#site/sessions/session-writes.ts";
import type { Store } from "#storage/interfaces.ts";
import type { ControlDefinition } from "./definition/read-result.ts";
import { keyedIds } from "./session-ids.ts";

/** A provider that is slow holds each of them for some seconds. */
const exchanges = { most: 128, mostOfOne: 16, mostWaiting: 256, mostWaitingOfOne: 128, patienceMs: 3000 };

export interface LoginKeeperOptions {
  readonly store: Store;
  readonly egress: Egress;
  readonly standing: LoginPorts["standing"];
  readonly groups: () => PrincipalGroups;
  readonly pepper: Uint8Array;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Tells the workers which sessions are others now. */
  readonly publish: (handles: readonly string[]) => void;
  readonly events: EventRecorder;
}

/** All that logging in takes, on main, under the definition in force. */
export class LoginKeeper {
  readonly ports: LoginPorts;
  readonly sessions: Sessions;
  readonly #clock: Clock;
  #definition: ControlDefinition;

  constructor(definition: ControlDefinition, options: LoginKeeperOptions) {
    const { store, egress, standing, groups, pepper, sealer, clock, random, log, publish, events } = options;
    const clients = new OidcClients(egress, clock);
    const writes = new SessionWrites(store.sessions);
    this.#clock = clock;
    this.#definition = definition;
    this.sessions = new Sessions({ store: store.sessions, writes, clients, sealer, clock, log, publish, events });
    this.ports = {
      settings: () => this.#definition.login,
      mapping: (provider) => this.#definition.providers.find(({ name }) => name === provider),
      standing,
      groups,
      clients,
      exchanges: new WaitingPlaces(exchanges),
      sessions: this.sessions,
      ids: keyedIds(pepper),
      logoutTokens: new LogoutTokens({ egress, clock, log }),
      sealer,
      random,
    };
    this.use(definition);
  }

  use(definition: ControlDefinition): void {
    const { login, providers } = definition;
    this.#definition = definition;
    this.ports.clients.use(login?.providers ?? [], providers);
    this.ports.logoutTokens.use(login, providers);
    this.sessions.use(login, providers);
  }

  /** Of a session, by the digest of its id; null: it is over, or its token is. */
  async accessToken(digest: string): Promise<string | null> {
    const found = await this.sessions.contentOf(Buffer.from(digest, "base64url"));
    if (found === null) return null;
    const { accessToken, accessEndsAt } = found.content;
    return accessEndsAt === null || accessEndsAt > this.#clock.now() ? accessToken : null;
  }

  close(): Promise<void> {
    return this.sessions.close();
  }
}
