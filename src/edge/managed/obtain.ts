import { isIP } from "node:net";
import { ChallengeError } from "#edge/acme/authorize.ts";
import { type KeyType, makeKey } from "#edge/acme/keys.ts";
import { isFinal } from "#edge/acme/problem.ts";
import type { ChallengeType } from "#edge/acme/resources.ts";
import type { Solver } from "#edge/acme/solver.ts";
import type { Meter } from "#model/metrics.ts";
import type { Log } from "#model/ports.ts";
import type { Authority } from "./authority.ts";
import type { PendingOrder } from "./name-state.ts";
import { readCertificate, type StoredCertificate } from "./stored-certificate.ts";

export interface Means {
  /** In the order of preference. */
  readonly authorities: readonly Authority[];
  /** In the order of preference. */
  readonly solvers: ReadonlyMap<ChallengeType, Solver>;
  readonly keyType: KeyType;
  readonly log: Log;
  readonly meter: Meter;
}

export interface Need {
  readonly name: string;
  readonly current: StoredCertificate | null;
  /** Directory URL of the authority that issued the current one. */
  readonly currentIssuer: string | null;
  readonly servedKeyType: KeyType;
  /** It failed before: where there is a staging twin, that one is asked first, so that no limits are burnt. */
  readonly retrying: boolean;
  readonly order: PendingOrder | null;
  readonly saveOrder: (order: PendingOrder | null) => Promise<void>;
}

export interface Obtained {
  readonly authority: Authority;
  readonly certificate: StoredCertificate;
  /** Why the authorities before it gave none. */
  readonly passedOver: readonly ObtainError[];
}

/** All authorities failed: this is what the last one said, by this challenge. */
export class ObtainError extends Error {
  readonly authority: Authority;
  readonly challenge: ChallengeType | null;
  /** Why the authorities before it gave none. */
  passedOver: readonly ObtainError[] = [];

  constructor(authority: Authority, challenge: ChallengeType | null, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.authority = authority;
    this.challenge = challenge;
  }
}

/** A certificate of the first authority that gives one. @throws ObtainError */
export async function obtain(need: Need, means: Means): Promise<Obtained> {
  const failures: ObtainError[] = [];
  for (const authority of means.authorities) {
    try {
      return { authority, certificate: await fromOne(authority, need, means), passedOver: failures };
    } catch (error) {
      const failure = error instanceof ObtainError ? error : new ObtainError(authority, null, error);
      failures.push(failure);
      means.meter.add("sallyport_certificate_renewal_failures_total", {
        name: need.name,
        issuer: failure.authority.name,
      });
      means.log.warn("an authority gave no certificate", {
        name: need.name,
        issuer: failure.authority.name,
        problem: failure.message,
      });
    }
  }
  const last = failures.pop();
  if (last === undefined) throw new Error("no authority is configured");
  last.passedOver = failures;
  throw last;
}

async function fromOne(authority: Authority, need: Need, means: Means): Promise<StoredCertificate> {
  const begun = need.order?.issuer === authority.directory ? need.order : null;
  const { staging } = authority;
  if (need.retrying && begun === null && staging !== null && (await isOpen(staging, need.name, means))) {
    const rehearsal = { ...need, current: null, saveOrder: async () => {} };
    await byChallenges(staging, rehearsal, null, means);
  }
  return byChallenges(authority, need, begun, means);
}

/** One that is down, or wants an account that nobody has there, says nothing about us: it must not keep us from its twin. */
async function isOpen(staging: Authority, name: string, { log }: Means): Promise<boolean> {
  try {
    await staging.open();
    return true;
  } catch (error) {
    const problem = (error as Error).message;
    log.warn("the staging authority cannot be used: nothing is rehearsed", { name, issuer: staging.name, problem });
    return false;
  }
}

/** One type of challenge after the other, as long as it is the challenge that fails. */
async function byChallenges(
  authority: Authority,
  need: Need,
  begun: PendingOrder | null,
  means: Means,
): Promise<StoredCertificate> {
  const failures: ObtainError[] = [];
  for (const challenge of challengesFor(need.name, begun, means)) {
    try {
      return await byOne(authority, challenge, need, begun?.challenge === challenge ? begun : null, means);
    } catch (error) {
      const isChallenge = error instanceof ChallengeError;
      failures.push(new ObtainError(authority, isChallenge ? challenge : null, error));
      // One that is dead would have the next try begin another here at once, and not with the staging twin.
      if (isChallenge || isFinal(error)) await need.saveOrder(null);
      if (!isChallenge) break;
    }
  }
  const [only, ...more] = failures;
  if (only === undefined) throw noChallenge(authority, need.name);
  if (more.length === 0) throw only;
  const said = failures.map(({ message }) => message).join("; ");
  throw new ObtainError(
    authority,
    (more.at(-1) as ObtainError).challenge,
    new Error(said, { cause: more.at(-1)?.cause }),
  );
}

function noChallenge(authority: Authority, name: string): ObtainError {
  const fix = name.startsWith("*.") ? "a wildcard needs edge.acme.dns" : "see edge.acme.challenges";
  return new ObtainError(authority, null, new Error(`no type of challenge can prove ${name}: ${fix}`));
}

/** A wildcard is proven by DNS only, an address never by it (RFC 8555 §8.4, RFC 8738 §7); the one of a begun order comes first. */
function challengesFor(name: string, begun: PendingOrder | null, { solvers }: Means): readonly ChallengeType[] {
  const types = [...solvers.keys()].filter((type) => {
    if (name.startsWith("*.")) return type === "dns-01";
    return isIP(name) === 0 || type !== "dns-01";
  });
  return begun === null || !types.includes(begun.challenge)
    ? types
    : [begun.challenge, ...types.filter((type) => type !== begun.challenge)];
}

async function byOne(
  authority: Authority,
  challenge: ChallengeType,
  need: Need,
  begun: PendingOrder | null,
  { solvers, keyType }: Means,
): Promise<StoredCertificate> {
  const keyPem = begun?.keyPem ?? (await makeKey(keyType));
  const chainPem = await authority.obtain({
    name: need.name,
    keyPem,
    challenge,
    solver: solvers.get(challenge) as Solver,
    servedKeyType: need.servedKeyType,
    replaces: need.currentIssuer === authority.directory ? (need.current?.chainPem ?? null) : null,
    resume: begun?.url ?? null,
    onOrder: (url) => need.saveOrder({ issuer: authority.directory, challenge, url, keyPem }),
  });
  return readCertificate(keyPem, chainPem);
}
