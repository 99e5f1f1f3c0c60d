import type { Outcome } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Expression, Section } from "#model/policy-tree.ts";
import type { StepPlace } from "#policy/context.ts";
import type { PolicyObserver } from "#policy/observer.ts";
import { describeValue } from "./describe-value.ts";
import { shownPath } from "./load-document.ts";
import { type Change, changesBetween, type MessageState, stateOf } from "./message-state.ts";

/** What became of one policy. */
export interface TracedStep {
  readonly section: Section;
  readonly scope: string;
  readonly name: string;
  readonly id: string | null;
  /** In its section: `choose/when[2]/set-header`. */
  readonly path: string;
  /** `file:line`. */
  readonly at: string;
  /** How many policies stand around it. */
  readonly depth: number;
  readonly expressions: TracedExpression[];
  /** Its own; a policy that holds others shows none. */
  changes: readonly Change[];
  /** What it said with `trace` or `context.Trace`; a policy that holds others says nothing itself. */
  traced: readonly string[];
  /** `done`, `answered 200`, `refused rate-limit-exceeded (429)`, `failed: …`; `under way` for one that never ended. */
  outcome: string;
}

export interface TracedExpression {
  /** As it is written, on one line. */
  readonly source: string;
  readonly value: string | null;
  readonly error: string | null;
  readonly secret: boolean;
}

interface Open {
  readonly step: TracedStep;
  readonly place: StepPlace;
  readonly before: MessageState;
  /** How much of the trail was there. */
  readonly trail: number;
}

/** Writes down what the policies of one run do, in the order in which they begin. */
export class Trace implements PolicyObserver {
  readonly steps: TracedStep[] = [];
  readonly #open: Open[] = [];
  readonly #backendUrls: readonly string[];
  readonly #path: string;

  /** @param path of the document, as it is shown */
  constructor(backendUrls: readonly string[], path: string) {
    this.#backendUrls = backendUrls;
    this.#path = path;
  }

  begins(place: StepPlace, exchange: Exchange): void {
    const { section, scope, name, id = null, path, at } = place;
    const depth = this.#open.filter((open) => isInside(place, open.place)).length;
    const own = { section, scope, name, id, path, at: shownPlace(at, this.#path) };
    const step: TracedStep = { ...own, depth, expressions: [], changes: [], traced: [], outcome: "under way" };
    this.steps.push(step);
    this.#open.push({ step, place, before: stateOf(exchange, this.#backendUrls), trail: exchange.trail.length });
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
      step.changes = changesBetween(before, stateOf(exchange, this.#backendUrls));
      step.traced = tracedSince(trail, exchange);
    }
    step.outcome = error === undefined ? describeOutcome(outcome) : `failed: ${describeError(error)}`;
  }

  #find(place: StepPlace): Open | undefined {
    return this.#open.findLast((open) => open.place === place);
  }
}

function tracedSince(length: number, { trail }: Exchange): readonly string[] {
  return trail.slice(length).flatMap(({ step, detail }) => (step === "trace" && detail !== undefined ? [detail] : []));
}

function shownPlace(at: string, path: string): string {
  const colon = at.lastIndexOf(":");
  return `${shownPath(at.slice(0, colon), path)}${at.slice(colon)}`;
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
