import { type Outcome, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode, Section, Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { literalText } from "#policy/arguments.ts";
import { expressionFailed } from "#policy/failure.ts";
import { type Evaluate, evaluateString } from "#policy/values.ts";

export type Action = "ignore" | "detect" | "prevent";

/** What is wrong with a message: an entry of the errors variable. */
export interface Finding {
  readonly Name: string;
  readonly Type: string;
  readonly ValidationRule: string;
  readonly Details: string;
  readonly Action: Action;
}

const actions: ReadonlySet<string> = new Set(["ignore", "detect", "prevent"]);

export function evaluateAction(value: Value, clock: Clock): Evaluate<Action> {
  const text = evaluateString(value, clock);
  return (exchange) => {
    const action = text(exchange).toLowerCase();
    if (actions.has(action)) return action as Action;
    throw expressionFailed("an action is ignore, detect or prevent");
  };
}

/** For the record; a message with a thousand errors has this many. */
const maxFindings = 100;

/** Collects what is wrong, keeps it in the variable, and refuses where something is to be prevented. */
export class Findings {
  readonly #exchange: Exchange;
  readonly #found: Finding[] = [];

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  add(action: Action, name: string, type: string, rule: string, details: string): void {
    if (action === "ignore" || this.#found.length >= maxFindings) return;
    this.#found.push({ Name: name, Type: type, ValidationRule: rule, Details: details, Action: action });
  }

  /** @param ofRequest what is wrong is the client's, and told to it; else it is nobody's business but the owner's */
  conclude(node: PolicyNode, ofRequest: boolean): Outcome {
    if (this.#found.length === 0) return undefined;
    const variable = literalText(node, "errorsVariable") ?? literalText(node, "errorVariable");
    if (variable !== undefined) this.#exchange.setVariable(variable, this.#found);
    const prevented = this.#found.find(({ Action: action }) => action === "prevent");
    if (prevented === undefined) {
      this.#note(node);
      return undefined;
    }
    const detail = `${prevented.Name}: ${prevented.Details}`.slice(0, 512);
    if (ofRequest) return refuse("request-not-valid", { message: prevented.Details, detail });
    return refuse("response-not-valid", { detail });
  }

  #note({ name, id, at }: PolicyNode): void {
    const detail = this.#found
      .map((found) => `${found.Name}: ${found.Details}`)
      .join(" ")
      .slice(0, 512);
    const policy = id ?? `${at.file}:${at.line}`;
    this.#exchange.trail.push({ door: "policy", step: name, policy, outcome: "passed", detail, micros: 0 });
  }
}

export function isOfRequest(section: Section): boolean {
  return section === "inbound" || section === "backend";
}
