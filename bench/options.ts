import { parseArgs } from "node:util";

export interface Options {
  /** Names of cases, at least one. */
  readonly cases: readonly string[];
  readonly rounds: number;
  /** Of load, a turn. */
  readonly seconds: number;
  /** Of load before anything counts, at the most: it ends when the figure has stopped falling. */
  readonly warmUpSeconds: number;
  /** Until what a gateway does behind its requests (writing, indexing) is over. */
  readonly settleSeconds: number;
  readonly connections: number;
  /** That are held open in the case `idle`: each takes a descriptor of two processes. */
  readonly idleConnections: number;
  /** `proxy` or `proxy:target`; empty: all of the case. */
  readonly only: readonly string[];
  /** File for all that was measured. */
  readonly json: string;
  /** Folder for CPU profiles of the gateway's threads; empty: none are taken. */
  readonly profile: string;
}

/** @param known names of cases @throws Error that says what is wrong and what there is */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      case: { type: "string", default: "path" },
      all: { type: "boolean", default: false },
      rounds: { type: "string", default: "15" },
      seconds: { type: "string", default: "1" },
      "warm-up": { type: "string", default: "40" },
      settle: { type: "string", default: "6" },
      connections: { type: "string", default: "64" },
      idle: { type: "string", default: "10000" },
      only: { type: "string", default: "" },
      json: { type: "string", default: "bench/results/latest.json" },
      profile: { type: "string", default: "" },
    },
  });
  const cases = values.all ? known : listed(values.case);
  for (const name of cases) {
    if (!known.includes(name)) throw new Error(`--case: there is no ${name}; one of ${known.join(", ")}, or --all`);
  }
  if (cases.length === 0) throw new Error(`--case: one of ${known.join(", ")}, or --all`);
  return {
    cases,
    rounds: whole("rounds", values.rounds, 1, 1000),
    seconds: numberOf("seconds", values.seconds, 0.1, 600),
    warmUpSeconds: numberOf("warm-up", values["warm-up"], 0, 600),
    settleSeconds: numberOf("settle", values.settle, 0, 60),
    connections: whole("connections", values.connections, 1, 10_000),
    idleConnections: whole("idle", values.idle, 1, 15_000),
    only: listed(values.only),
    json: values.json,
    profile: values.profile,
  };
}

function listed(text: string): readonly string[] {
  return text.split(",").filter((one) => one !== "");
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= least && value <= most)) throw new Error(`--${name}: a number from ${least} to ${most}, not ${text}`);
  return value;
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = numberOf(name, text, least, most);
  if (!Number.isInteger(value)) throw new Error(`--${name}: a whole number, not ${text}`);
  return value;
}
