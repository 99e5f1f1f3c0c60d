import type { Outcome } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Expression } from "#model/policy-tree.ts";
import type { Change, TracedExpression, TracedStep } from "#model/tracing.ts";
import type { StepPlace } from "#policy/context.ts";
import type { PolicyObserver } from "#policy/observer.ts";
import { describeValue } from "./describe-value.ts";
import { changesBetween, type MessageState, stateOf } from "./message-state.ts";

interface OpenStep extends TracedStep {
  readonly expressions: TracedExpression[];
  changes: readonly Change[];
  traced: readonly string[];
  outcome: string;
}

interface Open {
  readonly step: OpenStep;
  readonly place: StepPlace;
  readonly before: MessageState;
  /** How much of the trail was there. */
  readonly trail: number;
}

export interface PolicyTraceOptions {
  /** By backend. Default: those of the exchange. */
  readonly backendUrls?: readonly string[];
  /** How a place in a file is shown. */
  readonly shown?: (file: string) => string;
  /** Steps beyond are counted only. Default: all are kept. */
  readonly maxSteps?: number;
}

/** Writes down what the policies of one request do, in the order in which they begin. */
export class PolicyTrace implements PolicyObserver {
  readonly steps: TracedStep[] = [];
  /** Steps beyond the bound. */
  leftOut: number = 0;
  readonly #open: Open[] = [];
  readonly #options: PolicyTraceOptions;

  constructor(options: PolicyTraceOptions) {
    this.#options = options;
  }

  begins(place: StepPlace, exchange: Exchange): void {
    const { maxSteps = Infinity, shown = (file) => file } = this.#options;
    if (this.steps.length >= maxSteps) {
      this.leftOut += 1;
      return;
    }
    const { section, scope, name, id = null, path, at } = place;
    const depth = this.#open.filter((open) => isInside(place, open.place)).length;
    const own = { section, scope, name, id, path, at: shownPlace(at, shown), depth };
    const step: OpenStep = { ...own, expressions: [], changes: [], traced: [], outcome: "under way" };
    this.steps.push(step);
    this.#open.push({ step, place, before: this.#stateOf(exchange), trail: exchange.trail.length });
  }

  evaluated(
    place: StepPlace,
    { source, secret }: Expression,
    _exchange: Exchange,
    value: unknown,
    error: unknown,
  ): void {
    this.#find(place)?.step.expressions.push({
      source: source.replaceAll(/\s+/g, " "),
      value: error === undefined ? describeValue(value) : null,
      error: error === undefined ? null : describeError(error),
      secret: secret === true,
    });
  }

  ends(place: StepPlace, exchange: Exchange, outcome: Outcome, error: unknown): void {
    const open = this.#find(place);
    if (open === undefined) return;
    this.#open.splice(this.#open.indexOf(open), 1);
    const { step, before, trail } = open;
    if (!place.nests) {
      step.changes = changesBetween(before, this.#stateOf(exchange));
      step.traced = tracedSince(trail, exchange);
    }
    step.outcome = error === undefined ? describeOutcome(outcome) : `failed: ${describeError(error)}`;
  }

  #stateOf(exchange: Exchange): MessageState {
    return stateOf(exchange, this.#options.backendUrls ?? exchange.serviceUrls);
  }

  #find(place: StepPlace): Open | undefined {
    return this.#open.findLast((open) => open.place === place);
  }
}

function tracedSince(length: number, { trail }: Exchange): readonly string[] {
  return trail.slice(length).flatMap(({ step, detail }) => (step === "trace" && detail !== undefined ? [detail] : []));
}

function shownPlace(at: string, shown: (file: string) => string): string {
  const colon = at.lastIndexOf(":");
  return `${shown(at.slice(0, colon))}${at.slice(colon)}`;
}

function isInside(inner: StepPlace, outer: StepPlace): boolean {
  return inner.section === outer.section && inner.scope === outer.scope && inner.path.startsWith(`${outer.path}/`);
}

function describeOutcome(outcome: Outcome): string {
  if (outcome === undefined) return "done";
  if (outcome.kind === "answer") return `answered ${outcome.status}`;
  const status = outcome.status === undefined ? "" : ` (${outcome.status})`;
  return `refused: ${outcome.reason}${status}`;
}

function describeError(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
