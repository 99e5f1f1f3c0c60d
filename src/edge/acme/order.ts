import { authorize, type Proof } from "./authorize.ts";
import { downloadChain } from "./chain.ts";
import { makeRequest } from "./csr.ts";
import { poll } from "./poll.ts";
import { AcmeError, isFinal, unusable } from "./problem.ts";
import { type Identifier, type Order, readOrder } from "./resources.ts";
import type { AcmeSession } from "./session.ts";

export interface OrderPlan {
  readonly identifiers: readonly Identifier[];
  /** Key of the certificate, PKCS #8 PEM. */
  readonly keyPem: string;
  readonly proof: Proof;
  readonly profile: string | null;
  /** Identifier of the certificate that this one takes the place of. @see RFC 9773 §5 */
  readonly replaces: string | null;
  /** Common name at the top of the chain that is wished for. */
  readonly preferredChain: string | null;
  /** URL of an order that was begun before, with the same key. */
  readonly resume: string | null;
  /** The order is there: called, and waited for, before anything else is done with it. */
  readonly onOrder: (url: string) => Promise<void>;
}

/**
 * Orders a certificate, or goes on with an order that was begun: from wherever it stands.
 *
 * @returns the chain, leaf first, PEM
 * @throws AcmeError, ChallengeError, GatewayError `certificate-unavailable`
 * @see RFC 8555 §7.4
 */
export async function runOrder(session: AcmeSession, plan: OrderPlan): Promise<string> {
  const begun = plan.resume === null ? null : await findOrder(session, plan.resume);
  let order = begun ?? (await newOrder(session, plan));
  await plan.onOrder(order.url);
  if (order.status === "pending") {
    for (const url of order.authorizations) await authorize(session, url, plan.proof);
    order = await settle(session, order, ["pending"], plan);
  }
  if (order.status === "ready") {
    const csr = await makeRequest(plan.keyPem, plan.identifiers);
    await session.post(order.finalize, { csr }, "finalizing the order");
    order = await settle(session, order, ["ready", "processing"], plan);
  }
  if (order.status === "processing") order = await settle(session, order, ["processing"], plan);
  if (order.status !== "valid" || order.certificate === undefined) throw orderFailed(order);
  return downloadChain(session, order.certificate, plan.preferredChain);
}

/** The order, or null when nothing can come of it any more. */
async function findOrder(session: AcmeSession, url: string): Promise<Order | null> {
  try {
    const order = await readOne(session, url);
    return order.value.status === "invalid" ? null : order.value;
  } catch (error) {
    if (isFinal(error)) return null;
    throw error;
  }
}

async function newOrder(session: AcmeSession, { identifiers, profile, replaces }: OrderPlan): Promise<Order> {
  const payload = {
    identifiers,
    ...(profile === null ? {} : { profile }),
    ...(replaces === null || session.directory.renewalInfo === undefined ? {} : { replaces }),
  };
  const answer = await session.post(session.directory.newOrder, payload, "making an order");
  const url = answer.headers.get("location");
  if (url === undefined) throw unusable("the authority named no order");
  return readOrder(answer.text, url);
}

async function readOne(
  session: AcmeSession,
  url: string,
): Promise<{ readonly value: Order; readonly retryAfterMs: number }> {
  const answer = await session.read(url, "reading the order");
  return { value: readOrder(answer.text, url), retryAfterMs: session.retryAfter(answer) };
}

function settle(
  session: AcmeSession,
  { url }: Order,
  while_: readonly Order["status"][],
  { proof }: OrderPlan,
): Promise<Order> {
  return poll(
    () => readOne(session, url),
    ({ status }) => !while_.includes(status),
    proof.pause,
    "the order",
  );
}

function orderFailed({ status, problem }: Order): AcmeError {
  const detail = `the order became ${status}`;
  return new AcmeError("ordering", problem ?? { type: "unknown", detail, status: 0 });
}
