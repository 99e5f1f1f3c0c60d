import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts, LogLevelsPort } from "#admin/ports.ts";
import { type AdminResult, answer, refusal } from "#admin/result.ts";
import type { ApiLevel, LogLevel } from "#model/logs.ts";

type Ports = Pick<AdminPorts, "logLevels">;

const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;
const longestMs = 24 * unitMs.h;
const usual = "15m";

export async function listLogLevels(_: AdminCall, { logLevels }: Ports): Promise<AdminResult> {
  return answer(all(logLevels));
}

export async function setLogLevel({ name, query }: AdminCall, { logLevels }: Ports): Promise<AdminResult> {
  if (!logLevels.apis().includes(name)) return refusal("api-unknown", { detail: name });
  const level = (query.get("level") ?? logLevels.usual) as LogLevel;
  const set = await logLevels.set(name, level, lifeOf(query.get("for") ?? usual));
  return answer(shown(set), { detail: `log level ${level} for the API ${name} until ${shown(set).until}` });
}

export async function resetLogLevel({ name }: AdminCall, { logLevels }: Ports): Promise<AdminResult> {
  const isKnown = logLevels.apis().includes(name) || logLevels.levels().some(({ api }) => api === name);
  if (!isKnown) return refusal("api-unknown", { detail: name });
  await logLevels.reset(name);
  return answer(all(logLevels), { detail: `usual log level for the API ${name}` });
}

function all(port: LogLevelsPort): object {
  return { usual: port.usual, levels: port.levels().map(shown) };
}

function shown({ api, level, until }: ApiLevel): { readonly api: string; level: LogLevel; until: string } {
  return { api, level, until: new Date(until).toISOString() };
}

function lifeOf(text: string): number {
  const unit = text.at(-1) as keyof typeof unitMs;
  return Math.min(longestMs, Number(text.slice(0, -1)) * unitMs[unit]);
}
