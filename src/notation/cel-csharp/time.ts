import type { ASTNode } from "@marcbachmann/cel-js";
import { type Range, type Term, term } from "./term.ts";
import { Untranslatable } from "./untranslatable.ts";

/** C# of a DateTime in UTC, and what it can be. */
const parts: Readonly<Record<string, readonly [member: string, range: Range]>> = {
  getFullYear: ["Year", { low: 1n, high: 9999n }],
  getMonth: ["Month - 1", { low: 0n, high: 11n }],
  getDate: ["Day", { low: 1n, high: 31n }],
  getDayOfMonth: ["Day - 1", { low: 0n, high: 30n }],
  getDayOfWeek: ["DayOfWeek", { low: 0n, high: 6n }],
  getDayOfYear: ["DayOfYear - 1", { low: 0n, high: 365n }],
  getHours: ["Hour", { low: 0n, high: 23n }],
  getMinutes: ["Minute", { low: 0n, high: 59n }],
  getSeconds: ["Second", { low: 0n, high: 59n }],
  getMilliseconds: ["Millisecond", { low: 0n, high: 999n }],
};

/** Parts of a moment. Names of zones are not the same on every system that API Management runs on: UTC is. */
export function timeCall(
  name: string,
  { type, code, defined }: Term,
  args: readonly Term[],
  nodes: readonly ASTNode[],
  offset: number,
): Term | undefined {
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (part === undefined || type !== "timestamp") return undefined;
  const [zone] = nodes;
  if (args.length > 0 && !(zone?.op === "value" && zone.args === "UTC")) {
    throw new Untranslatable(`${name}() in another time zone than UTC`, offset);
  }
  const [member, range] = part;
  const [property, less = ""] = member.split(/ (?=-)/);
  return term("int", `((long)${code}.${property}${less === "" ? "" : ` ${less}`})`, defined, { range });
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds are what both count in without a rest. */
export function durationOf(node: ASTNode, offset: number): Term {
  const text = node.op === "value" && typeof node.args === "string" ? node.args : "";
  const matched = /^([-+]?)((?:\d{1,9}(?:h|ms|m|s))+)$/.exec(text);
  if (matched === null)
    throw new Untranslatable("duration() of something else than whole hours, minutes, seconds or milliseconds", offset);
  let total = 0;
  for (const [, count, unit] of (matched[2] as string).matchAll(/(\d+)(h|ms|m|s)/g))
    total += Number(count) * (units[unit as string] ?? 0);
  return term("duration", `TimeSpan.FromMilliseconds(${matched[1] === "-" ? -total : total}d)`);
}

export function timestampOf(node: ASTNode, offset: number): Term {
  const text = node.op === "value" && typeof node.args === "string" ? node.args : "";
  const time = new Date(text);
  if (
    text.length < 20 ||
    text.length > 30 ||
    Number.isNaN(time.getTime()) ||
    time.getUTCFullYear() < 1 ||
    time.getUTCFullYear() > 9999
  ) {
    throw new Untranslatable("timestamp() of something else than a moment that is written out", offset);
  }
  const [year, month, day] = [time.getUTCFullYear(), time.getUTCMonth() + 1, time.getUTCDate()];
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds(), time.getUTCMilliseconds()];
  return term("timestamp", `new DateTime(${[year, month, day, ...clock].join(", ")}, DateTimeKind.Utc)`);
}
