import { fetchGroups, GraphError } from "#identity/groups/graph.ts";
import { UserInfoGroups } from "#identity/groups/user-info.ts";
import { GroupFinder } from "#identity/groups/group-finder.ts";
import { lookupsOf, PrincipalGroups } from "#identity/groups/authenticate-groups.ts";
import type { Connection } from "#model/connection.ts";
import type { Provider } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { GroupAnswer, GroupQuestion } from "#model/group-lookup.ts";
import type { Clock, Egress, Log } from "#model/ports.ts";
import { tenantMark } from "#model/provider-rules.ts";
import { fetchConnectionToken } from "#upstream/connection-token/connection-token.ts";
import { TokenCache } from "#upstream/managed-identity/token-cache.ts";

/** As long as a directory that is asked too often is left alone, at least and at most. */
const leastPauseMs = 1000;
const mostPauseMs = 60_000;
const tellEveryMs = 10_000;
/** Tokens that are refused are had anew at most so often. */
const renewMs = 10_000;

export interface GroupLookupPorts {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly log: Log;
}

/** What of a definition it takes. */
export interface GroupLookupSettings {
  readonly providers: readonly Provider[];
  readonly groupReaders: readonly Connection[];
}

/** On main: all workers share what the directories have said, and no worker sees what this gateway proves there. */
export class GroupLookups {
  readonly #ports: GroupLookupPorts;
  readonly #userInfo: UserInfoGroups;
  readonly #told = new Map<string, number>();
  /** By provider and tenant; monotonic. */
  readonly #pauses = new Map<string, number>();
  #renewedAt = -Infinity;
  #settings: GroupLookupSettings;
  #tokens: TokenCache;
  #finder: GroupFinder;
  #groups: PrincipalGroups;

  constructor(settings: GroupLookupSettings, ports: GroupLookupPorts) {
    this.#ports = ports;
    this.#userInfo = new UserInfoGroups(ports);
    this.#settings = settings;
    this.#tokens = this.#newTokens();
    this.#finder = this.#newFinder();
    this.#groups = new PrincipalGroups(this.#finder, settings.providers);
  }

  /** What was had by settings that are gone is not given any more; a token is had anew, as secrets may be others. */
  use(settings: GroupLookupSettings): void {
    const isSame = lookupsOf(settings.providers) === lookupsOf(this.#settings.providers);
    this.#settings = settings;
    this.#tokens = this.#newTokens();
    this.#pauses.clear();
    if (!isSame) this.#finder = this.#newFinder();
    this.#groups = new PrincipalGroups(this.#finder, settings.providers);
  }

  /** @throws GatewayError `idp-unreachable`, `idp-malformed`, `connection-failed` */
  find(question: GroupQuestion): GroupAnswer | Promise<GroupAnswer> {
    return this.#finder.find(question);
  }

  /** Of principals on main. */
  get groups(): PrincipalGroups {
    return this.#groups;
  }

  #newFinder(): GroupFinder {
    return new GroupFinder((question) => this.#ask(question), this.#ports.clock);
  }

  #newTokens(): TokenCache {
    const { egress, clock } = this.#ports;
    const { groupReaders } = this.#settings;
    return new TokenCache(async (tenant, provider) => {
      const reader = groupReaders.find((one) => one.provider === provider);
      if (reader === undefined) throw unknown();
      const tokenUrl = reader.tokenUrl.replace(tenantMark, encodeURIComponent(tenant));
      return fetchConnectionToken({ ...reader, tokenUrl }, null, egress, clock);
    }, clock);
  }

  #ask(question: GroupQuestion): Promise<GroupAnswer> {
    return question.token === undefined ? this.#askGraph(question) : this.#askUserInfo(question, question.token);
  }

  async #askUserInfo({ provider }: GroupQuestion, token: NonNullable<GroupQuestion["token"]>): Promise<GroupAnswer> {
    const settings = this.#settings.providers.find(({ name }) => name === provider);
    if (settings?.userInfo === undefined) throw unknown();
    const until = this.#ports.clock.now() + settings.userInfo.keepMs;
    try {
      return { ...(await this.#userInfo.ask(settings, token)), until };
    } catch (error) {
      this.#tell(provider, error);
      throw error;
    }
  }

  async #askGraph(question: GroupQuestion): Promise<GroupAnswer> {
    const { provider, tenant } = question;
    const { clock, egress } = this.#ports;
    const lookup = this.#settings.providers.find(({ name }) => name === provider)?.graph;
    if (lookup === undefined) throw unknown();
    const place = `${provider} ${tenant}`;
    if (clock.mono() < (this.#pauses.get(place) ?? 0)) throw new GraphError(429, "asked too often", 0);
    const until = clock.now() + lookup.keepMs;
    try {
      const token = await this.#tokens.token(tenant, provider);
      return { groups: await fetchGroups(lookup, question, token, egress), until };
    } catch (error) {
      if (error instanceof GraphError) this.#heed(place, error);
      this.#tell(provider, error);
      throw error;
    }
  }

  /** It wants to be left alone, or takes our token no more, which may have been taken back. */
  #heed(place: string, error: GraphError): void {
    const now = this.#ports.clock.mono();
    if (error.answered === 429 || error.retryAfterMs > 0) this.#pauses.set(place, now + pauseOf(error));
    if (error.answered !== 401 || now - this.#renewedAt < renewMs) return;
    this.#renewedAt = now;
    this.#tokens = this.#newTokens();
  }

  /** Of one that is down, not a line for each person. */
  #tell(provider: string, error: unknown): void {
    const { clock, log } = this.#ports;
    const now = clock.mono();
    if (now - (this.#told.get(provider) ?? -Infinity) < tellEveryMs) return;
    this.#told.set(provider, now);
    const why = error instanceof GatewayError ? `${error.code}: ${error.message}` : "unexpected failure";
    log.warn("groups could not be had", { provider, error: why });
  }
}

function pauseOf({ retryAfterMs }: GraphError): number {
  return Math.min(Math.max(retryAfterMs, leastPauseMs), mostPauseMs);
}

function unknown(): GatewayError {
  return new GatewayError("idp-unreachable", 503, "no such directory in the definition", { source: "gateway" });
}
