import { isToken, keyAuthorizationOf } from "./challenge-values.ts";
import type { KeyType } from "./keys.ts";
import { type Pause, poll } from "./poll.ts";
import { AcmeError } from "./problem.ts";
import { type Authorization, type Challenge, type ChallengeType, readAuthorization } from "./resources.ts";
import type { AcmeSession } from "./session.ts";
import type { Solver } from "./solver.ts";

export interface Proof {
  readonly type: ChallengeType;
  readonly solver: Solver;
  readonly keyType: KeyType;
  readonly pause: Pause;
}

/** The authority could not see the answer, or does not take this type: another type may do. */
export class ChallengeError extends AcmeError {}

/**
 * Proves that one name is ours, by one type of challenge. What is proven already is not proven again.
 *
 * @throws ChallengeError when another type may be tried
 * @see RFC 8555 §7.5
 */
export async function authorize(session: AcmeSession, url: string, proof: Proof): Promise<void> {
  const first = await readOne(session, url);
  if (first.value.status === "valid") return;
  const challenge = challengeOf(first.value, proof.type);
  const answer = {
    identifier: first.value.identifier,
    token: challenge.token,
    keyAuthorization: keyAuthorizationOf(challenge.token, session.key.thumbprint),
    keyType: proof.keyType,
  };
  try {
    await proof.solver.present(answer);
    await session.post(challenge.url, {}, `asking to validate ${answer.identifier.value} by ${proof.type}`);
    const over = await poll(() => readOne(session, url), isOver, proof.pause, `the validation by ${proof.type}`);
    if (over.status !== "valid") throw failed(over, proof.type);
  } finally {
    await proof.solver.remove(answer).catch(() => {});
  }
}

async function readOne(
  session: AcmeSession,
  url: string,
): Promise<{ readonly value: Authorization; readonly retryAfterMs: number }> {
  const answer = await session.read(url, "reading an authorization");
  return { value: readAuthorization(answer.text), retryAfterMs: session.retryAfter(answer) };
}

function isOver({ status }: Authorization): boolean {
  return status !== "pending" && status !== "processing";
}

function challengeOf({ status, identifier, challenges }: Authorization, type: ChallengeType): Challenge {
  const challenge = challenges.find((one) => one.type === type);
  if (status === "pending" && challenge !== undefined && isToken(challenge.token)) return challenge;
  const detail =
    status === "pending"
      ? `the authority does not offer ${type} for ${identifier.value}`
      : `the authorization of ${identifier.value} is ${status}`;
  throw new ChallengeError(`validating by ${type}`, { type: "unsupportedChallenge", detail, status: 0 });
}

function failed({ identifier, status, challenges }: Authorization, type: ChallengeType): ChallengeError {
  const problem = challenges.find((one) => one.type === type)?.problem ?? {
    type: "unauthorized",
    detail: `the authorization of ${identifier.value} became ${status}`,
    status: 0,
  };
  return new ChallengeError(`validating ${identifier.value} by ${type}`, problem);
}
