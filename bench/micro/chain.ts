import { portsWith, chainOf, exchangeFor, policy, template } from "#policy/policy.test-helper.ts";
import type { LinkedStep } from "#policy/context.ts";
import { runSection } from "#policy/runner.ts";
import type { Subject } from "./subject.ts";

const group = "chain";

const idle: LinkedStep = {
  name: "idle",
  id: undefined,
  scope: "api",
  section: "inbound",
  at: "bench",
  path: "idle",
  nests: false,
  run: () => undefined,
};

/** What a request's facts are put into. */
function placed(): ReturnType<typeof policy> {
  return policy("set-header", { name: "X-Place", values: [template("/", "request.method", "/", "request.path")] });
}

/** The runner alone, and with policies that are linked as a worker links them. */
export const chain: readonly Subject[] = [
  subject("ten steps that do nothing", () => Array.from({ length: 10 }, () => idle)),
  subject("set-header of a text, three times", () =>
    inbound([1, 2, 3].map((at) => policy("set-header", { name: `X-${at}`, values: ["one"] }))),
  ),
  subject("set-header of a template in CEL", () => inbound([placed()])),
];

function subject(name: string, stepsOf: () => readonly LinkedStep[]): Subject {
  return {
    group,
    name,
    prepare: () => {
      const steps = stepsOf();
      const exchange = exchangeFor(["Accept", "*/*", "User-Agent", "bench"]);
      return {
        run: () => {
          if (runSection(steps, exchange) !== undefined) throw new Error("it ends the request");
        },
      };
    },
  };
}

function inbound(policies: readonly ReturnType<typeof policy>[]): readonly LinkedStep[] {
  return chainOf("inbound", policies, portsWith()).inbound;
}
