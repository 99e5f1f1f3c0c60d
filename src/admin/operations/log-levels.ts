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
  const operation = query.get("operation") ?? null;
  if (!logLevels.apis().includes(name)) return refusal("api-unknown", { detail: name });
  if (operation !== null && !logLevels.hasOperation(name, operation)) {
    return refusal("operation-unknown", { detail: `${name}, ${operation}` });
  }
  const level = (query.get("level") ?? logLevels.usual) as LogLevel;
  const set = await logLevels.set(name, operation, level, lifeOf(query.get("for") ?? usual));
  const detail = `log level ${level} for ${placeText(name, operation)} until ${shown(set).until}`;
  return answer(shown(set), { detail });
}

/** Also of what the definition has no more. */
export async function resetLogLevel({ name, query }: AdminCall, { logLevels }: Ports): Promise<AdminResult> {
  const operation = query.get("operation") ?? null;
  const isSet = logLevels.levels().some((one) => one.api === name && one.operation === operation);
  if (!isSet && !logLevels.apis().includes(name)) return refusal("api-unknown", { detail: name });
  if (!isSet && operation !== null && !logLevels.hasOperation(name, operation)) {
    return refusal("operation-unknown", { detail: `${name}, ${operation}` });
  }
  await logLevels.reset(name, operation);
  return answer(all(logLevels), { detail: `usual log level for ${placeText(name, operation)}` });
}

function placeText(api: string, operation: string | null): string {
  return operation === null ? `the API ${api}` : `${operation} of the API ${api}`;
}

function all(port: LogLevelsPort): object {
  return { usual: port.usual, levels: port.levels().map(shown) };
}

function shown({ api, operation, level, until }: ApiLevel): {
  readonly api: string;
  readonly operation?: string;
  readonly level: LogLevel;
  readonly until: string;
} {
  return { api, ...(operation === null ? {} : { operation }), level, until: new Date(until).toISOString() };
}

function lifeOf(text: string): number {
  const unit = text.at(-1) as keyof typeof unitMs;
  return Math.min(longestMs, Number(text.slice(0, -1)) * unitMs[unit]);
}
