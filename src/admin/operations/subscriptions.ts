import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer, refusal } from "#admin/result.ts";
import { GatewayError } from "#model/errors.ts";
import { readScope } from "#products/scope-text.ts";
import type { IssuedSubscription, NewSubscriptionRequest } from "#products/subscriptions.ts";

type Ports = Pick<AdminPorts, "subscriptions">;

export async function listSubscriptions({ query }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> {
  const limit = Number(query.get("limit") ?? 100);
  const page = await subscriptions.list({ after: query.get("after") ?? null, limit });
  const next = page.length < limit ? null : (page.at(-1)?.name ?? null);
  return answer({ subscriptions: page.map(shown), next });
}

export function readSubscription({ name }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> {
  return refusing(async () => answer(shown(await subscriptions.get(name))));
}

/** The record of the call has the name and the scope. The keys are in the answer alone. */
export function createSubscription({ body }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const { subscription, primaryKey, secondaryKey } = await subscriptions.create(readNew(body));
    const detail = `subscription ${subscription.name} for ${subscription.scope} made`;
    return answer({ ...shown(subscription), primaryKey, secondaryKey }, { detail });
  });
}

export function suspendSubscription({ name }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> {
  return changed(name, subscriptions, () => subscriptions.suspend(name), "suspended");
}

export function activateSubscription({ name }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> {
  return changed(name, subscriptions, () => subscriptions.activate(name), "activated");
}

export function removeSubscription({ name }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const before = await subscriptions.get(name);
    await subscriptions.remove(name);
    return answer(shown(before), { detail: `subscription ${name} removed` });
  });
}

export function regenerateKey({ name, query }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const slot = query.get("slot") === "primary" ? "primary" : "secondary";
    const key = await subscriptions.regenerateKey(name, slot);
    return answer({ name, slot, key }, { detail: `${slot} key of subscription ${name} made anew` });
  });
}

function changed(
  name: string,
  subscriptions: Ports["subscriptions"],
  change: () => Promise<void>,
  what: string,
): Promise<AdminResult> {
  return refusing(async () => {
    await change();
    return answer(shown(await subscriptions.get(name)), { detail: `subscription ${name} ${what}` });
  });
}

function shown({ createdAt, ...subscription }: IssuedSubscription["subscription"]): object {
  return { ...subscription, createdAt: new Date(createdAt).toISOString() };
}

/** @throws GatewayError `client-malformed` */
function readNew(body: string): NewSubscriptionRequest {
  const { name, scope, ...more } = parse(body);
  const read = typeof scope === "string" ? readScope(scope) : undefined;
  if (typeof name === "string" && read !== undefined && Object.keys(more).length === 0) return { name, scope: read };
  const message = 'the body is not {"name": "…", "scope": "product:NAME", "api:NAME" or "all"}';
  throw new GatewayError("client-malformed", 400, message, { source: "client", expose: true });
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

/** What the use cases refuse, as the caller reads it. Everything else is a failure of ours. */
async function refusing(work: () => Promise<AdminResult>): Promise<AdminResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { message } = error;
    if (error.code === "store-conflict") return refusal("subscription-conflict", { message, detail: message });
    if (error.code !== "client-malformed") throw error;
    return refusal(error.status === 404 ? "subscription-unknown" : "malformed-request", { message, detail: message });
  }
}
