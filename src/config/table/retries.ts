import type { StatusRange } from "#model/retries.ts";
import { suggestion } from "#notation/nearest.ts";
import { readRaw } from "#notation/yaml/scalars.ts";
import { parseMethod } from "#config/checks/words.ts";
import { list } from "#config/shapes/list.ts";
import { duration, integer, size } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import type { Shape } from "#config/shapes/shape.ts";
import { statusRange } from "#config/shapes/status-ranges.ts";
import { text } from "#config/shapes/text.ts";

/** What a retry answers to. */
export type RetryCondition = "reset" | "timeout" | StatusRange;

export interface BackOffInput {
  readonly first: number;
  readonly longest: number;
}

export interface BudgetInput {
  readonly percent: number;
  readonly minPerSecond: number;
  readonly window: number;
}

export interface RetriesInput {
  readonly count: number;
  readonly on: readonly RetryCondition[];
  readonly methods: readonly string[];
  readonly perTryTimeout: number;
  readonly backOff: BackOffInput;
  readonly budget: BudgetInput;
  readonly bodySize: number;
}

export interface ApiRetriesInput {
  readonly methods: readonly string[] | undefined;
}

const second = 1000;
const minute = 60 * second;
const kib = 1024;

const words = ["reset", "timeout"] as const;
const condition: Shape<RetryCondition> = {
  schema: { anyOf: [{ enum: words }, statusRange.schema] },
  show: (value) => (typeof value === "string" ? value : statusRange.show?.(value)),
  read: (reading, slot) => {
    const raw = readRaw(reading, slot, "reset, timeout or a status");
    if (raw === undefined) return undefined;
    const word = words.find((one) => one === raw.text);
    if (word !== undefined || !/^[a-z]/i.test(raw.text)) return word ?? statusRange.read(reading, slot);
    const shown = JSON.stringify(raw.text.slice(0, 40));
    const fix = suggestion(raw.text, words, (one) => one);
    reading.problems.error("value-invalid", slot.at, `${shown} is no condition of a retry`, fix);
    return undefined;
  },
};

const method = text("a method", (value) => {
  const parsed = parseMethod(value);
  if (!("value" in parsed) || parsed.value !== "*") return parsed;
  return { problem: "* would send everything twice", fix: "name the methods that may be sent twice" };
});

const backOffShape = object<BackOffInput>("backOff", {
  first: { shape: duration(0, minute), about: "Longest wait before the first retry; doubles.", default: 25 },
  longest: { shape: duration(0, minute), about: "Longest wait before any.", default: 250 },
});

const budgetShape = object<BudgetInput>("budget", {
  percent: { shape: integer(0, 100), about: "Retries as a share of the requests in the window.", default: 20 },
  minPerSecond: { shape: integer(0, 10_000), about: "Retries a second that are always allowed.", default: 10 },
  window: { shape: duration(second, 10 * minute), about: "Time that is looked back at.", default: 10 * second },
});

export const retriesShape: ObjectShape<RetriesInput> = object<RetriesInput>("retries", {
  count: { shape: integer(1, 10), about: "Retries after the first attempt.", default: 1 },
  on: {
    shape: list(condition, 1),
    about: "reset, timeout, and statuses such as 503 or 5xx that are tried again.",
    default: ["reset", "timeout", { from: 502, to: 504 }],
  },
  methods: {
    shape: list(method, 1),
    about: "Methods that may be sent twice.",
    default: ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"],
  },
  perTryTimeout: {
    shape: duration(0, 60 * minute),
    about: "Time for one attempt; 0: only the API's timeout, for all of them.",
    default: 0,
  },
  backOff: { shape: backOffShape, about: "Random wait between attempts.", default: backOffShape.empty },
  budget: { shape: budgetShape, about: "Bounds the load that retries make.", default: budgetShape.empty },
  bodySize: {
    shape: size(0, 16 * kib * kib),
    about: "Largest request body that is kept to be sent again; larger ones are sent once.",
    default: 64 * kib,
  },
});

export const apiRetriesShape: ObjectShape<ApiRetriesInput> = object<ApiRetriesInput>("retries", {
  methods: { shape: list(method), about: "Methods that may be sent twice; [] for none.", required: true },
});
