import { type Dimension, dimensions, isDimension } from "#analytics/dimensions.ts";
import type { Answer, Group, Order, Point, Question } from "#analytics/question.ts";
import { type AgentReach, agentCalls, agentsByReach, type Range, slowest, topDenied } from "#analytics/reports.ts";
import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer } from "#admin/result.ts";
import { GatewayError } from "#model/errors.ts";
import { refusing } from "./subscriptions.ts";

type Ports = Pick<AdminPorts, "analytics">;
type Query = AdminCall["query"];

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const usualLast = "1h";
const usualReport = "7d";

export function readAnalytics({ query }: AdminCall, { analytics }: Ports): Promise<AdminResult> {
  return refusing(async () => answer(shown(await analytics.ask(questionOf(query, analytics.now())))));
}

export function reportDenied({ query }: AdminCall, { analytics }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const question = topDenied(rangeOf(query, analytics.now(), usualReport), topOf(query));
    return answer(shown(await analytics.ask(question)));
  });
}

export function reportSlowest({ query }: AdminCall, { analytics }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const question = slowest(rangeOf(query, analytics.now(), usualReport), topOf(query));
    return answer(shown(await analytics.ask(question)));
  });
}

export function reportAgents({ query }: AdminCall, { analytics }: Ports): Promise<AdminResult> {
  return refusing(async () => {
    const found = await analytics.ask(agentCalls(rangeOf(query, analytics.now(), usualReport)));
    const agents: readonly AgentReach[] = agentsByReach(found, topOf(query));
    return answer({ from: time(found.from), to: time(found.to), resolution: found.resolution, agents });
  });
}

function questionOf(query: Query, now: number): Question {
  const step = query.get("step");
  return {
    ...rangeOf(query, now, usualLast),
    step: step === undefined ? null : durationOf(step),
    by: byOf(query),
    where: whereOf(query),
    order: (query.get("order") ?? "calls") as Order,
    top: topOf(query),
  };
}

/** @throws GatewayError `client-malformed` */
function rangeOf(query: Query, now: number, usual: string): Range {
  const [from, to, last] = [query.get("from"), query.get("to"), query.get("last")];
  if (from !== undefined && last !== undefined) throw malformed("from and last are two ways of saying the same");
  const end = to === undefined ? now : Date.parse(to);
  const start = from === undefined ? end - durationOf(last ?? usual) : Date.parse(from);
  if (Number.isNaN(start) || Number.isNaN(end) || start >= end) throw malformed("from must be a time before to");
  return { from: start, to: end };
}

function byOf(query: Query): readonly Dimension[] {
  const names = (query.get("by") ?? "").split(",").filter((name) => name !== "");
  const unknown = names.find((name) => !isDimension(name));
  if (unknown !== undefined) throw malformed(`there is no dimension ${unknown}: take ${dimensions.join(", ")}`);
  return [...new Set(names as Dimension[])];
}

function whereOf(query: Query): Question["where"] {
  const said = dimensions.flatMap((name) => {
    const values = query.get(name);
    return values === undefined ? [] : [[name, values.split(",")] as const];
  });
  return Object.fromEntries(said);
}

function topOf(query: Query): number {
  return Number(query.get("top") ?? 20);
}

function durationOf(text: string): number {
  return Number(text.slice(0, -1)) * unitMs[text.at(-1) as keyof typeof unitMs];
}

function shown({ from, to, step, groups, ...rest }: Answer): object {
  return {
    from: time(from),
    to: time(to),
    ...rest,
    stepSeconds: step === null ? null : step / 1000,
    groups: groups.map(shownGroup),
  };
}

function shownGroup({ points, ...group }: Group): object {
  return points === undefined ? group : { ...group, points: points.map(shownPoint) };
}

function shownPoint({ start, ...measures }: Point): object {
  return { start: time(start), ...measures };
}

function time(at: number): string {
  return new Date(at).toISOString();
}

function malformed(message: string): GatewayError {
  return new GatewayError("client-malformed", 400, message, { source: "client", expose: true });
}
