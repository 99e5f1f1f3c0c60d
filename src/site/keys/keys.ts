import type { ControlEvent } from "#model/control-events.ts";
import { GatewayError } from "#model/errors.ts";
import type { Principal } from "#model/principal.ts";
import type { SiteResponse } from "#model/site.ts";
import { keyEvent } from "#products/key-event.ts";
import type { KeyStatus, RotatedKeys, RotationRequest } from "#products/key-rotations.ts";
import { type AccessVisit, acting, showing } from "#site/access/with-caller.ts";
import { problem } from "#site/problem.ts";
import { keysPage, newKeysPage } from "./keys-page.ts";
import { shownBefore } from "./shown-before.ts";

const here = "/.sallyport/keys";

/** `/keys`: the keys of one's own subscriptions, how old they are and what becomes of them; no key is shown. */
export const showKeys: ReturnType<typeof showing> = showing(async (visit) => {
  const { ports, principal } = visit;
  const user = await ownerOf(visit);
  if (user === null) return notTheirs(visit);
  const subscriptions = await ports.keys.ownedBy(user);
  const rotations = ports.keys.rotations();
  const all = await Promise.all(subscriptions.map(({ name }) => rotations.status(name)));
  return keysPage(all, ports.access.guard.token(principal), ports.clock.now());
});

/** Makes a new key of one's own, and shows it once. */
export const sendKeys: ReturnType<typeof showing> = acting(async (visit, form): Promise<SiteResponse> => {
  const user = await ownerOf(visit);
  if (user === null) return notTheirs(visit);
  const name = form.get("subscription") ?? "";
  const slot = form.get("slot");
  const isEmergency = form.get("emergency") === "true";
  const status = await statusOf(visit, name);
  const unknown = { again: here, detail: `subscription ${name} is none of ${user}'s` };
  // What is another's is to them as if it was not there.
  if (status?.subscription.owner !== user) return problem(visit.request, "subscription-unknown", unknown);
  if (status.subscription.state !== "active") return conflict(visit, "The subscription is not active.");
  if (slot !== "primary" && slot !== "secondary" && !isEmergency) return problem(visit.request, "malformed-request");
  // A form that is sent twice would replace what it has just made.
  if (form.get("before") !== shownBefore(status)) return conflict(visit, "The keys have been changed meanwhile.");
  const request = { slot: isEmergency ? null : (slot as "primary" | "secondary"), isEmergency, graceMs: null };
  return rotated(visit, name, request);
});

async function rotated(visit: AccessVisit, name: string, request: RotationRequest): Promise<SiteResponse> {
  const { ports, principal } = visit;
  let made: RotatedKeys;
  try {
    made = await ports.keys.rotations().rotate(name, request);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== "store-conflict") throw error;
    return conflict(visit, error.message);
  }
  await ports.events.record(
    ...made.notices.map((notice): ControlEvent => ({ ...keyEvent(notice), by: principal, request: visit.request.id })),
  );
  const slots = made.issued.map(({ slot }) => slot).join(" and ");
  return { ...newKeysPage(name, made), detail: `${slots} key of subscription ${name} made anew by its owner` };
}

/** Whoever has a key only is not thereby its owner; and an agent that acts for the owner is shown none. */
function ownerOf({ principal, ports }: AccessVisit): Promise<string | null> {
  return mayOwn(principal) ? ports.keys.userOf(principal) : Promise.resolve(null);
}

function mayOwn({ authMethod, actor, kind }: Principal): boolean {
  return authMethod !== "subscription-key" && actor === undefined && kind !== "agent";
}

async function statusOf({ ports }: AccessVisit, name: string): Promise<KeyStatus | null> {
  try {
    return await ports.keys.rotations().status(name);
  } catch (error) {
    if (error instanceof GatewayError && error.status === 404) return null;
    throw error;
  }
}

function notTheirs({ request, principal }: AccessVisit): SiteResponse {
  const advice = "You are not a user here whom subscriptions belong to.";
  return problem(request, "access-denied", {
    advice,
    detail: `${principal.id} is no user, or comes by a key or an agent`,
  });
}

function conflict({ request }: AccessVisit, advice: string): SiteResponse {
  return problem(request, "subscription-conflict", { advice, again: here });
}
