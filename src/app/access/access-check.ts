import { compileSnapshot } from "#compile/compile.ts";
import { atOnce } from "#lib/slices.ts";
import type { Definition } from "#model/definition.ts";
import type { Refusal } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import type { Principal } from "#model/principal.ts";
import { reasons } from "#model/reasons.ts";
import { type LinkedDecisions, linkDecisions } from "#pipeline/linked-decisions.ts";
import { refusalOf } from "#pipeline/refusal-of.ts";
import { decidingRows } from "#pipeline/table.ts";
import type { JudgedRule } from "#policy/access.ts";
import { type AccessQuestion, exchangeAbout } from "./access-question.ts";

/** What the gateway would say, and why. */
export interface AccessVerdict {
  readonly allowed: boolean;
  /** Null: no operation has this host, path and method. */
  readonly route: {
    readonly api: string;
    readonly operation: string;
    readonly method: string;
    readonly path: string;
  } | null;
  /** Null: in no product's context. */
  readonly product: string | null;
  readonly public: boolean;
  /** The rows that decided, in order; the last one is the one that refused. */
  readonly steps: readonly { readonly door: string; readonly step: string; readonly outcome: "passed" | "refused" }[];
  readonly rules: readonly RuleRow[];
  readonly refusal: RefusalRow | null;
}

export interface RuleRow {
  readonly effect: JudgedRule["effect"];
  readonly at: string;
  readonly condition: string;
  readonly value: boolean | "failed";
  readonly reason: string | null;
}

export interface RefusalRow {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly detail: string | null;
  /** What would have to change. */
  readonly remedy: string;
  /** The approval that alone would let this request through. */
  readonly approval: string | null;
}

/**
 * Asks the rows that decide on every request about one that nobody has sent: the same compiled routes and rules, the
 * same functions. What the caller carries is not checked: `principal` is who it is. Policies do not run.
 */
export class AccessCheck {
  readonly #linked: LinkedDecisions;
  readonly #clock: Clock;

  /** @throws GatewayError `definition-invalid` */
  constructor(definition: Definition, clock: Clock) {
    this.#clock = clock;
    this.#linked = atOnce(linkDecisions(compileSnapshot(definition), clock));
  }

  /** @throws QuestionProblem for a question that cannot be understood */
  ask(question: AccessQuestion, principal: Principal): AccessVerdict {
    const exchange = exchangeAbout(question, this.#clock);
    if ("kind" in exchange) return refusedAtEdge(exchange);
    exchange.principal = principal;
    const steps: AccessVerdict["steps"][number][] = [];
    let refusal: Refusal | null = null;
    for (const { door, step, run } of decidingRows) {
      refusal = refusalFrom(() => run({ exchange, linked: this.#linked }));
      steps.push({ door, step, outcome: refusal === null ? "passed" : "refused" });
      if (refusal !== null) break;
    }
    return { ...this.#found(exchange), allowed: refusal === null, steps, refusal: refusal && rowOf(refusal) };
  }

  #found(exchange: Exchange): Pick<AccessVerdict, "route" | "product" | "public" | "rules"> {
    const { route, api, product } = exchange;
    if (route === null) return { route: null, product: null, public: false, rules: [] };
    const rules = this.#linked.access[route.id]?.explain(exchange) ?? [];
    return {
      route: { api: api?.name ?? "", operation: route.operation, method: route.method, path: route.template },
      product: product?.name ?? null,
      public: route.access.public,
      rules: rules.map(ruleRow),
    };
  }
}

/** A row that throws refuses: errors are denials. */
function refusalFrom(run: () => ReturnType<(typeof decidingRows)[number]["run"]>): Refusal | null {
  try {
    const outcome = run();
    return outcome === undefined ? null : outcome.kind === "refusal" ? outcome : refusalOf(null);
  } catch (error) {
    return refusalOf(error);
  }
}

function refusedAtEdge(refusal: Refusal): AccessVerdict {
  const steps = [{ door: "edge", step: "read", outcome: "refused" }] as const;
  return { allowed: false, route: null, product: null, public: false, steps, rules: [], refusal: rowOf(refusal) };
}

function ruleRow({ effect, at, source, reason, value }: JudgedRule): RuleRow {
  return { effect, at, condition: source, value: value ?? "failed", reason: reason ?? null };
}

function rowOf({ reason, status, message, detail, approval }: Refusal): RefusalRow {
  const known = reasons[reason];
  return {
    status: status ?? known.status,
    reason,
    message: message ?? known.message,
    detail: detail ?? null,
    remedy: known.remedy,
    approval: approval ?? null,
  };
}
