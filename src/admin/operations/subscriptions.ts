import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminEvent, type AdminResult, answer, refusal } from "#admin/result.ts";
import { GatewayError } from "#model/errors.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { readScope } from "#products/scope-text.ts";
import type { IssuedSubscription, NewSubscriptionRequest, SubscriptionStep } from "#products/subscriptions.ts";

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
    const { name, scope, owner, state, endsAt } = subscription;
    const detail = `subscription ${name} for ${scope} made`;
    const events: readonly AdminEvent[] = [
      { event: "subscription.created", details: { subscription: name, scope, owner, state, until: timeText(endsAt) } },
      { event: "key.created", details: { subscription: name, slots: bothSlots } },
    ];
    return answer({ ...shown(subscription), primaryKey, secondaryKey }, { detail, events });
  });
}

/** One of the decisions that there are; the record of the call says which, by whom, and the comment why. */
export function decideSubscription(step: SubscriptionStep) {
  return ({ name, query }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> =>
    refusing(async () => {
      await subscriptions.take(name, step);
      const comment = query.get("comment");
      const why = comment === undefined ? "" : `: ${comment}`;
      const after = await subscriptions.get(name);
      const events = [changed(after, step, comment), ...(takesAway.has(step) ? [revoked(name, step)] : [])];
      return answer(shown(after), { detail: `subscription ${name} ${done[step]}${why}`, events });
    });
}

export function extendSubscription({ name, query }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const until = query.get("until") ?? "";
    await subscriptions.extend(name, timeOf(until) ?? 0);
    const after = await subscriptions.get(name);
    const events = [changed(after, "extend", undefined)];
    return answer(shown(after), { detail: `subscription ${name} extended until ${until}`, events });
  });
}

export function removeSubscription({ name }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const before = await subscriptions.get(name);
    await subscriptions.remove(name);
    const removed = { event: "subscription.removed", details: { subscription: name, scope: before.scope } } as const;
    return answer(shown(before), {
      detail: `subscription ${name} removed`,
      events: [removed, revoked(name, "remove")],
    });
  });
}

export function regenerateKey({ name, query }: AdminCall, { subscriptions }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const slot = query.get("slot") === "primary" ? "primary" : "secondary";
    const key = await subscriptions.regenerateKey(name, slot);
    const events = [{ event: "key.regenerated", details: { subscription: name, slot } }] as const;
    return answer({ name, slot, key }, { detail: `${slot} key of subscription ${name} made anew`, events });
  });
}

const bothSlots = ["primary", "secondary"] as const;

/** Steps from which on a subscription's keys are refused. */
const takesAway: ReadonlySet<SubscriptionStep> = new Set(["reject", "suspend", "cancel"]);

type Subscription = IssuedSubscription["subscription"];

function changed({ name, state, endsAt }: Subscription, step: string, comment: string | undefined): AdminEvent {
  const details = { subscription: name, step, state, until: timeText(endsAt), comment };
  return { event: "subscription.changed", details };
}

function revoked(subscription: string, why: string): AdminEvent {
  return { event: "key.revoked", details: { subscription, slots: bothSlots, why } };
}

function timeText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

const done: Readonly<Record<SubscriptionStep, string>> = {
  approve: "approved",
  reject: "rejected",
  suspend: "suspended",
  activate: "activated",
  cancel: "cancelled",
};

function shown({ createdAt, startedAt, endsAt, ...subscription }: IssuedSubscription["subscription"]): object {
  return {
    ...subscription,
    createdAt: timeText(createdAt),
    startedAt: timeText(startedAt),
    endsAt: timeText(endsAt),
  };
}

/** Undefined for what is no time, or none that can be written again. */
function timeOf(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) || time > 253_402_300_799_999 ? undefined : time;
}

/** @throws GatewayError `client-malformed` */
function readNew(body: string): NewSubscriptionRequest {
  const { name, scope, displayName = null, owner = null, endsAt = null, ...more } = parse(body);
  const read = typeof scope === "string" ? readScope(scope) : undefined;
  const ends = typeof endsAt === "string" ? timeOf(endsAt) : null;
  const isSound = Object.keys(more).length === 0 && (endsAt === null || typeof ends === "number");
  if (isSound && typeof name === "string" && read !== undefined && isText(displayName) && isText(owner)) {
    return { name, scope: read, displayName, owner, endsAt: ends ?? null };
  }
  const message =
    'the body is not {"name": "…", "scope": "product:NAME", "api:NAME" or "all"}, with "displayName", "owner" and "endsAt" if need be';
  throw new GatewayError("client-malformed", 400, message, { source: "client", expose: true });
}

function isText(value: unknown): value is string | null {
  return value === null || (typeof value === "string" && /^[^\p{Cc}]{1,256}$/u.test(value));
}

export function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

const ofSubscriptions = { unknown: "subscription-unknown", conflict: "subscription-conflict" } as const;

/** What the use cases refuse, as the caller reads it. Everything else is a failure of ours. */
export async function refusing(
  work: () => Promise<AdminResult>,
  reasons: { readonly unknown: ReasonCode; readonly conflict: ReasonCode } = ofSubscriptions,
): Promise<AdminResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { message } = error;
    if (error.code === "store-conflict") return refusal(reasons.conflict, { message, detail: message });
    if (error.code !== "client-malformed") throw error;
    return refusal(error.status === 404 ? reasons.unknown : "malformed-request", { message, detail: message });
  }
}
