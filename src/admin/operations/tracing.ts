import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer, refusal } from "#admin/result.ts";
import type { DebugCredential, RequestTrace } from "#model/tracing.ts";

type Ports = Pick<AdminPorts, "tracing">;

const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;
const longestMs = 3_600_000;
const usual = "15m";

export async function issueDebugToken({ query }: AdminCall, { tracing }: Ports): Promise<AdminResult> {
  const api = query.get("api") ?? null;
  if (api !== null && !tracing.apis().includes(api)) return refusal("api-unknown", { detail: api });
  const issued = await tracing.issue(api, lifeOf(query.get("for") ?? usual));
  if (issued === null) return refusal("debug-tokens-many");
  const { credential, token } = issued;
  return answer({ ...shown(credential), token }, { detail: `debug token ${credential.id} for ${api ?? "any API"}` });
}

export async function listDebugTokens(_: AdminCall, { tracing }: Ports): Promise<AdminResult> {
  return answer({ debugTokens: tracing.credentials().map(shown) });
}

export async function endDebugToken({ name }: AdminCall, { tracing }: Ports): Promise<AdminResult> {
  const credential = tracing.credentials().find(({ id }) => id === name);
  if (credential === undefined || !(await tracing.end(name))) return refusal("debug-token-unknown", { detail: name });
  return answer(shown(credential), { detail: `debug token ${name} ended` });
}

export async function listTraces(_: AdminCall, { tracing }: Ports): Promise<AdminResult> {
  return answer({ traces: tracing.traces().map(headOf) });
}

export async function readTrace({ name }: AdminCall, { tracing }: Ports): Promise<AdminResult> {
  const trace = tracing.find(name);
  return trace === undefined
    ? refusal("trace-unknown", { detail: name })
    : answer(trace, { detail: `trace ${name} read` });
}

function headOf({ id, time, method, host, path, api, operation, principal, status }: RequestTrace): object {
  return { id, time, method, host, path, api, operation, principal, status };
}

function shown({ id, api, until }: DebugCredential): object {
  return { id, api, until: new Date(until).toISOString() };
}

function lifeOf(text: string): number {
  const unit = text.at(-1) as keyof typeof unitMs;
  return Math.min(longestMs, Number(text.slice(0, -1)) * unitMs[unit]);
}
