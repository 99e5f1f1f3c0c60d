import type { Answer, Group, Measures, Question } from "./question.ts";

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface AgentReach {
  readonly agent: string;
  readonly calls: number;
  readonly denied: number;
  /** What it was given, and what it sent. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly tokens: number;
  readonly apis: readonly string[];
  /** How many operations it was let into. */
  readonly operations: number;
}

/** What may be asked for at once: agents are few, and so are operations. */
const everything = 20_000;

/** What is turned away most, and why. */
export function topDenied(range: Range, top: number): Question {
  const by = ["api", "operation", "reason", "subscription"] as const;
  return { ...range, step: null, by, where: {}, deniedOnly: true, order: "denied", top };
}

/** Operations by their 95th percentile. */
export function slowest(range: Range, top: number): Question {
  return { ...range, step: null, by: ["api", "operation"], where: {}, having: ["operation"], order: "p95", top };
}

export function agentCalls(range: Range): Question {
  const by = ["agent", "api", "operation"] as const;
  return { ...range, step: null, by, where: {}, having: ["agent"], order: "bytesOut", top: everything };
}

/** Agents by the data that they were given, the most first. */
export function agentsByReach({ groups }: Answer, top: number): readonly AgentReach[] {
  const byAgent = Map.groupBy(groups, ({ by }) => by.agent ?? "");
  const all = [...byAgent].map(([agent, own]) => reachOf(agent, own));
  return all.toSorted((a, b) => b.bytesOut - a.bytesOut || b.calls - a.calls).slice(0, top);
}

function reachOf(agent: string, groups: readonly Group[]): AgentReach {
  const reached = groups.filter(({ calls, denied }) => calls > denied);
  const sum = (of: (one: Measures) => number): number => groups.reduce((total, one) => total + of(one), 0);
  return {
    agent,
    calls: sum(({ calls }) => calls),
    denied: sum(({ denied }) => denied),
    bytesOut: sum(({ bytesOut }) => bytesOut),
    bytesIn: sum(({ bytesIn }) => bytesIn),
    tokens: sum(({ tokens }) => tokens),
    apis: [...new Set(reached.map(({ by }) => by.api ?? ""))].toSorted(),
    operations: reached.length,
  };
}
