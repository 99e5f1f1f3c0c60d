import { randomBytes } from "node:crypto";
import { authenticateActor } from "#identity/authenticate-actor.ts";
import { BasicAuthenticator } from "#identity/basic/authenticate-basic.ts";
import { GuessingBrake } from "#identity/basic/brake.ts";
import { PasswordChecks } from "#identity/basic/password-checks.ts";
import { createAuthenticator } from "#identity/authenticate.ts";
import { DpopNonces } from "#identity/dpop-nonces.ts";
import { ProofChecker, proofWindowMs } from "#identity/dpop-proof.ts";
import { authenticateGroups, lookupsOf, PrincipalGroups } from "#identity/groups/authenticate-groups.ts";
import { GroupFinder } from "#identity/groups/group-finder.ts";
import { Revocations } from "#identity/revocations.ts";
import { unrevoked } from "#identity/unrevoked.ts";
import { SessionReader } from "#identity/login/session-reader.ts";
import { createTokenVerifier, type ManagedTokenVerifier } from "#identity/token-verifier.ts";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import type { RateLimiter } from "#model/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { GrantsInForce } from "#threads/grants-in-force.ts";
import { createKeyLookup, KeyIndexReader } from "#threads/key-reader.ts";
import { attachLimiter } from "#threads/limiter.ts";
import { limiterId } from "#threads/limiter-id.ts";
import { UserReader } from "#threads/user-directory.ts";
import { withApprovals } from "#app/access/with-approvals.ts";
import { createPasswordThreads } from "#app/password-threads.ts";
import { keyedIds } from "#app/session-ids.ts";
import type { Tools } from "./tools.ts";

/** Its provider may have to be asked first, which main gives up before. */
const sessionPatienceMs = 20_000;
/** For a token, and for groups page by page; main gives each of them up before. */
const groupPatienceMs = 20_000;
/** For two documents, which main gives up before. */
const clusterPatienceMs = 15_000;

/** Who calls: everything by which a worker knows it, and what was taken back. */
export interface Callers {
  readonly authenticate: ReturnType<typeof unrevoked>;
  readonly tokens: ManagedTokenVerifier;
  readonly keys: KeyIndexReader;
  readonly users: UserReader;
  readonly sessions: SessionReader;
  readonly grants: GrantsInForce;
  readonly revocations: Revocations;
  use(next: Snapshot): void;
  /** Guesses at passwords are over; those that wait are answered. */
  closePasswords(): Promise<void>;
}

export function createCallers(tools: Tools, snapshot: Snapshot, rateLimiter: RateLimiter): Callers {
  const { start, clock, log, control, egress } = tools;
  const { shared, generation, pepper } = start;
  const users = new UserReader(shared.users);
  const keys = new KeyIndexReader(shared.keys, (id) => users.find(id));
  const digest = createKeyedDigest(pepper);
  const tokens = createTokenVerifier({
    providers: snapshot.providers,
    egress,
    clock,
    log,
    clusterKeys: (provider) => control.call("cluster.keys", { provider }, clusterPatienceMs),
  });
  const sessions = new SessionReader({
    ask: (question) => control.call("session.find", question, sessionPatienceMs),
    ids: keyedIds(pepper),
    clock,
    providers: snapshot.providers,
  });
  const proofs = new ProofChecker({
    clock,
    replays: attachLimiter(shared.proofs, generation, clock),
    limiter: limiterId("dpop-proof", 1, proofWindowMs),
    startedAt: start.startedAt,
    nonces: new DpopNonces(clock, createKeyedDigest(digest("nonces for DPoP proofs"))),
  });
  const passwords = createPasswordThreads(log);
  const passwordChecks = new PasswordChecks({
    compare: passwords.compare,
    brake: new GuessingBrake({ limiter: rateLimiter, limiterId }),
    digest: createKeyedDigest(randomBytes(32)),
    clock,
  });
  const basic = new BasicAuthenticator(passwordChecks, snapshot.basicUsers ?? []);
  const keyLookup = createKeyLookup(keys, digest);
  const { authenticate: whoItIs } = createAuthenticator({ tokens, proofs, basic, keys: keyLookup, sessions });
  const groups = new CurrentGroups(tools, snapshot);
  let { actorHeader } = snapshot;
  const withGroups = authenticateGroups(whoItIs, () => groups.now);
  const withActors = authenticateActor(withGroups, { tokens, header: () => actorHeader });
  const revocations = new Revocations(start.revocations, clock);
  const grants = new GrantsInForce(clock, start.grants);
  return {
    authenticate: unrevoked(withApprovals(withActors, grants), revocations),
    tokens,
    keys,
    users,
    sessions,
    grants,
    revocations,
    use: (next) => {
      tokens.update(next.providers);
      sessions.update(next.providers);
      basic.use(next.basicUsers ?? []);
      actorHeader = next.actorHeader;
      groups.use(next);
    },
    closePasswords: () => passwords.close(),
  };
}

/** Groups that are asked for at a provider: what was found stays for as long as how they are asked for does. */
class CurrentGroups {
  now: PrincipalGroups;
  readonly #tools: Tools;
  #lookups: string;
  #finder: GroupFinder;

  constructor(tools: Tools, { providers }: Snapshot) {
    this.#tools = tools;
    this.#lookups = lookupsOf(providers);
    this.#finder = this.#ask();
    this.now = new PrincipalGroups(this.#finder, providers);
  }

  use({ providers }: Snapshot): void {
    const lookups = lookupsOf(providers);
    if (lookups !== this.#lookups) this.#finder = this.#ask();
    this.#lookups = lookups;
    this.now = new PrincipalGroups(this.#finder, providers);
  }

  #ask(): GroupFinder {
    const { control, clock } = this.#tools;
    return new GroupFinder((question) => control.call("groups.find", question, groupPatienceMs), clock);
  }
}
