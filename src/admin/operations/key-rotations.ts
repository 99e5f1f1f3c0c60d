import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminEvent, type AdminResult, answer } from "#admin/result.ts";
import { GatewayError } from "#model/errors.ts";
import { dueAt, rotationStage } from "#model/rotation.ts";
import { parseDuration } from "#notation/units.ts";
import { keyEvent } from "#products/key-event.ts";
import type { KeyNotice } from "#products/key-notice.ts";
import type { KeyStatus } from "#products/key-rotations.ts";
import { keyId } from "#products/keys.ts";
import { refusing } from "./subscriptions.ts";

type Ports = Pick<AdminPorts, "keyRotations" | "analytics">;

const longestGraceMs = 365 * 86_400_000;

export function readKeys({ name }: AdminCall, { keyRotations, analytics }: Ports): Promise<AdminResult> {
  return refusing(async () => answer(shown(await keyRotations.status(name), analytics.now())));
}

/** The keys are in the answer alone; the record has their ids. */
export function rotateKeys({ name, query }: AdminCall, { keyRotations }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const slot = query.get("slot");
    const { issued, until, notices } = await keyRotations.rotate(name, {
      slot: slot === "primary" || slot === "secondary" ? slot : null,
      isEmergency: query.get("emergency") === "true",
      graceMs: graceOf(query.get("grace")),
    });
    const oldEndAt = until === null ? null : timeText(until);
    const slots = issued.map((one) => one.slot).join(" and ");
    const detail = `${slots} key of subscription ${name} made anew; the old ${oldEndAt === null ? "ended" : `until ${oldEndAt}`}`;
    return answer({ name, keys: issued, oldEndAt }, { detail, events: notices.map(eventOf) });
  });
}

export function endOldKeys({ name }: AdminCall, { keyRotations, analytics }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const ended = await keyRotations.endOld(name);
    const detail = `${ended.length} old keys of subscription ${name} ended`;
    return answer(shown(await keyRotations.status(name), analytics.now()), { detail, events: ended.map(eventOf) });
  });
}

export async function reportOldKeys({ query }: AdminCall, { keyRotations }: Ports): Promise<AdminResult> {
  const keys = await keyRotations.old(Number(query.get("top") ?? 100));
  const rows = keys.map(({ subscription, slot, digest, scope, owner, old, usedAt }) => ({
    subscription,
    slot,
    id: keyId(digest),
    scope,
    owner,
    since: timeText(old?.since ?? 0),
    endsAt: timeText(old?.until ?? 0),
    usedAt: usedAt === null ? null : timeText(usedAt),
  }));
  return answer({ keys: rows });
}

function shown({ subscription, rotation, keys }: KeyStatus, now: number): object {
  const rows = keys.map(({ slot, digest, madeAt, old, usedAt }) => ({
    slot,
    id: keyId(digest),
    state: old === null ? (rotation === null ? "young" : rotationStage(madeAt, rotation, now)) : "old",
    madeAt: timeText(madeAt),
    dueAt: rotation === null || old !== null ? null : timeText(dueAt(madeAt, rotation)),
    endsAt: old === null ? null : timeText(old.until),
    usedAt: usedAt === null ? null : timeText(usedAt),
  }));
  return { name: subscription.name, source: subscription.source, rotation, keys: rows };
}

function eventOf(notice: KeyNotice): AdminEvent {
  const { event, details } = keyEvent(notice);
  return { event, details };
}

function graceOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const graceMs = text === "0" ? 0 : (parseDuration(text) ?? Infinity);
  if (graceMs <= longestGraceMs) return graceMs;
  throw new GatewayError("client-malformed", 400, "a grace is 365d at most", { source: "client", expose: true });
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}
