import type { Exchange } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import { PrincipalView } from "./principal-view.ts";
import { RequestView } from "./request-view.ts";
import { ResponseView } from "./response-view.ts";
import { variableMap } from "./variable-map.ts";

/** Types of the fields of `subscription` and `lastError`, when they are not null. */
export const subscriptionFields = { id: "string", scope: "string" } as const;
export const lastErrorFields = {
  source: "string",
  reason: "string",
  message: "string",
  scope: "string",
  section: "string",
  path: "string",
  policyId: "string",
} as const;

/**
 * The variables of one evaluation, made on demand from one exchange. One object per evaluation and none shared:
 * a value that outlives the expression (`set-variable`) can never show another client's request.
 */
export class Activation {
  readonly #exchange: Exchange;
  readonly #clock: Clock;

  constructor(exchange: Exchange, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
  }

  get request(): RequestView {
    return new RequestView(this.#exchange);
  }

  get principal(): PrincipalView {
    const { principal, facts } = this.#exchange;
    return new PrincipalView(principal, facts.tls?.certificate ?? null);
  }

  get subscription(): Readonly<Record<keyof typeof subscriptionFields, string>> | null {
    const { subscription } = this.#exchange;
    return subscription === null ? null : { id: subscription.id, scope: subscription.scope };
  }

  get product(): string {
    return this.#exchange.product?.name ?? "";
  }

  get api(): string {
    return this.#exchange.api?.name ?? "";
  }

  get operation(): string {
    return this.#exchange.route?.operation ?? "";
  }

  get parameters(): Readonly<Record<string, string>> {
    return this.#exchange.parameters;
  }

  get variables(): ReadonlyMap<string, unknown> {
    const { variables } = this.#exchange;
    return variables === null ? noVariables : variableMap(variables);
  }

  get response(): ResponseView | null {
    const { response } = this.#exchange;
    return response === null ? null : new ResponseView(response);
  }

  get lastError(): Readonly<Record<keyof typeof lastErrorFields, string>> | null {
    return this.#exchange.lastError as Readonly<Record<keyof typeof lastErrorFields, string>> | null;
  }

  get now(): Date {
    return new Date(this.#clock.now());
  }
}

const noVariables: ReadonlyMap<string, unknown> = new Map();
