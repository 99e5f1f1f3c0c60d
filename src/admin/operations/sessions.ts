import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer, refusal } from "#admin/result.ts";
import type { ListedSession } from "#model/session.ts";

type Ports = Pick<AdminPorts, "sessions">;

export async function listSessions({ query }: AdminCall, { sessions }: Ports): Promise<AdminResult> {
  const limit = Number(query.get("limit") ?? 100);
  const page = await sessions.list({ after: query.get("after") ?? null, limit });
  const next = page.length < limit ? null : (page.at(-1)?.handle ?? null);
  return answer({ sessions: page.map(shown), next });
}

export async function endSession({ name }: AdminCall, { sessions }: Ports): Promise<AdminResult> {
  if (!(await sessions.end(name))) return refusal("session-unknown", { detail: name });
  const events = [{ event: "session.ended", details: { session: name, why: "admin" } }] as const;
  return answer({ ended: 1 }, { detail: `session ${name} ended`, events });
}

/** All of one person. */
export async function endSessionsOf({ query }: AdminCall, { sessions }: Ports): Promise<AdminResult> {
  const [provider, subject] = [query.get("provider"), query.get("subject")];
  if (provider === undefined || subject === undefined) {
    const message = "The request is malformed: say whose sessions, by provider and subject.";
    return refusal("malformed-request", { message, detail: message });
  }
  const ended = await sessions.endOf(provider, subject);
  const events = [{ event: "session.ended", details: { provider, subject, ended, why: "admin" } }] as const;
  return answer({ ended }, { detail: `${ended} sessions of ${subject} at ${provider} ended`, events });
}

function shown({ createdAt, seenAt, endsAt, ...rest }: ListedSession): object {
  return { ...rest, createdAt: time(createdAt), seenAt: time(seenAt), endsAt: time(endsAt) };
}

function time(at: number): string {
  return new Date(at).toISOString();
}
