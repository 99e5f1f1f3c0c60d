import { isEvent } from "#audit/entry.ts";
import type { StoredEvent, StoredRecord } from "#model/record.ts";
import type { Found, SearchQuery } from "./search-query.ts";

/** One token of a login, or the session's cookie, and what was done by it. */
export interface TracedToken {
  /** Digest of the token; null: the cookie of a session, or none that is known. */
  readonly digest: string | null;
  readonly tokenId: string | null;
  readonly clientId: string | null;
  /** Whose it is, who acted for them, and which of these is an agent. */
  readonly principal: string;
  readonly actors: readonly string[];
  readonly agent: string | null;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly requests: number;
  readonly denied: number;
  /** It belongs to no login that is known here: who it is of is all there is to it. */
  readonly unlinked: boolean;
}

export interface SessionTrace {
  /** Names of the one login: of its sessions here, and at the provider. */
  readonly sessions: readonly string[];
  /** In the order in which they came. */
  readonly tokens: readonly TracedToken[];
  /** Digests of tokens that the login has, and that were never shown here. */
  readonly unused: readonly string[];
  /** By API and operation. */
  readonly operations: readonly { readonly name: string; readonly requests: number; readonly denied: number }[];
  readonly events: readonly StoredEvent[];
  readonly requests: number;
  /** Ids of the newest requests, oldest first. */
  readonly newest: readonly string[];
}

/** Gives every record that a query matches, oldest first. */
export type EachRecord = (query: SearchQuery, onMatch: (record: Found) => void) => Promise<void>;

const mostNewest = 20;
/** Of one login. More would be somebody who writes the record for us. */
const mostNames = 2000;

/**
 * All that belongs to one login, from any name of it: a session's handle, the session at the provider, a token's id or
 * digest. Each record that mentions a name may say another one, until no more come.
 */
export async function traceSession(
  each: EachRecord,
  name: string,
  range: Pick<SearchQuery, "fromMs" | "toMs">,
): Promise<SessionTrace> {
  const trace = new Trace();
  const looked = new Set<string>();
  for (let waiting = [name]; waiting.length > 0 && looked.size < mostNames;) {
    for (const one of waiting) {
      looked.add(one);
      await each(queryOf(one, range), (found) => trace.take(found, one));
    }
    waiting = [...trace.names].filter((one) => !looked.has(one));
  }
  return trace.result();
}

/** Lines that do not hold the name at all are not even read as JSON. */
function queryOf(name: string, range: Pick<SearchQuery, "fromMs" | "toMs">): SearchQuery {
  return {
    ...range,
    required: [{ path: "any member", value: name }],
    matches: (found) => namesOf(found).includes(name),
  };
}

/** Names of logins in a record; a person's, a client's or a route's is none. */
function namesOf(found: Found): readonly string[] {
  const own = [found.sessionId, found.tokenDigest, found.tokenId].filter(isText);
  return isEvent(found) ? [...own, ...toldBy(found)] : own;
}

/** Of the login that the event is about; whoever has done it has another one of their own. */
function toldBy({ event, details }: StoredEvent): readonly string[] {
  const { session, providerSession, token, from } = details;
  return (event === "token.exchanged" ? [token, from] : [session, providerSession, token]).filter(isText);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

interface Use {
  first: StoredRecord;
  last: StoredRecord;
  requests: number;
  denied: number;
}

class Trace {
  /** Others that what was found says. */
  readonly names = new Set<string>();
  readonly #sessions = new Set<string>();
  readonly #digests = new Set<string>();
  readonly #records = new Map<string, StoredRecord>();
  readonly #events = new Map<string, StoredEvent>();

  take(found: Found, name: string): void {
    if (isEvent(found)) this.#takeEvent(found, name);
    else {
      this.#records.set(found.id, found);
      this.#link(found.sessionId, found.tokenDigest);
    }
    this.names.add(name);
  }

  result(): SessionTrace {
    const records = [...this.#records.values()].toSorted((one, other) => one.seq - other.seq);
    const uses = usesBy(records, keyOf);
    const shown = new Set(records.map(({ tokenDigest }) => tokenDigest));
    return {
      sessions: [...this.#sessions],
      tokens: uses.map(([, use]) => tokenOf(use, this.#sessions.size > 0)),
      unused: [...this.#digests].filter((digest) => !shown.has(digest)),
      operations: usesBy(records, operationOf).map(([name, { requests, denied }]) => ({ name, requests, denied })),
      events: [...this.#events.values()].toSorted((one, other) => one.seq - other.seq),
      requests: records.length,
      newest: records.slice(-mostNewest).map(({ id }) => id),
    };
  }

  #takeEvent(event: StoredEvent, name: string): void {
    this.#events.set(event.id, event);
    if (!toldBy(event).includes(name)) return;
    const { session, providerSession, token, from } = event.details;
    if (isText(session)) this.#link(session, undefined);
    if (isText(providerSession)) this.#link(providerSession, undefined);
    if (isText(token)) this.#link(undefined, token);
    if (event.event === "token.exchanged" && isText(from)) this.#link(undefined, from);
  }

  #link(session: string | undefined, digest: string | undefined): void {
    if (session !== undefined) {
      this.#sessions.add(session);
      this.names.add(session);
    }
    if (digest !== undefined) {
      this.#digests.add(digest);
      this.names.add(digest);
    }
  }
}

function keyOf({ tokenDigest, sessionId, principal }: StoredRecord): string {
  return JSON.stringify([tokenDigest ?? null, tokenDigest === undefined ? sessionId : null, principal.actors ?? []]);
}

function operationOf({ route }: StoredRecord): string {
  return route === undefined ? "no operation" : `${route.api} / ${route.operation}`;
}

function usesBy(records: readonly StoredRecord[], key: (record: StoredRecord) => string): readonly [string, Use][] {
  const uses = new Map<string, Use>();
  for (const record of records) {
    const use = uses.get(key(record)) ?? { first: record, last: record, requests: 0, denied: 0 };
    use.last = record;
    use.requests += 1;
    use.denied += record.decision === "deny" ? 1 : 0;
    uses.set(key(record), use);
  }
  return [...uses];
}

function tokenOf({ first, last, requests, denied }: Use, isLinked: boolean): TracedToken {
  const { tokenDigest, tokenId, clientId, principal } = first;
  return {
    digest: tokenDigest ?? null,
    tokenId: tokenId ?? null,
    clientId: clientId ?? null,
    principal: principal.id,
    actors: principal.actors ?? [],
    agent: principal.agent ?? null,
    firstSeen: first.time,
    lastSeen: last.time,
    requests,
    denied,
    unlinked: !isLinked,
  };
}
