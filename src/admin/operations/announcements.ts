import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer, refusal } from "#admin/result.ts";
import type { OutboxEntry, OutboxState } from "#model/outbox.ts";

type Ports = Pick<AdminPorts, "announcements">;

export async function listAnnouncements({ query }: AdminCall, { announcements }: Ports): Promise<AdminResult> {
  const limit = Number(query.get("limit") ?? 100);
  const state = (query.get("state") ?? null) as OutboxState | null;
  const page = await announcements.list(state, { after: query.get("after") ?? null, limit });
  const next = page.length < limit ? null : (page.at(-1)?.id ?? null);
  return answer({ announcements: page.map(shown), next });
}

export async function resendAnnouncement({ name }: AdminCall, { announcements }: Ports): Promise<AdminResult> {
  const entry = await announcements.resend(name);
  if (entry === null) return refusal("announcement-unknown", { detail: `no announcement ${name}` });
  return answer(shown(entry), { detail: `announcement ${name} to be sent again` });
}

/** Without what it says: a mail holds a link. */
function shown({ createdAt, dueAt, state, ...rest }: OutboxEntry): object {
  const next = state === "waiting" ? new Date(dueAt).toISOString() : null;
  return { ...rest, state, createdAt: new Date(createdAt).toISOString(), nextTry: next };
}
