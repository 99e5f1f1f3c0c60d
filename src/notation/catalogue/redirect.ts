import type { Value } from "#model/policy-tree.ts";
import { type ArgumentProblem, type CheckedArguments, everyScope, everySection, literalOf } from "./common.ts";
import type { PolicySpec } from "./spec.ts";

/** @see RFC 9110 §15.4: those that send the client elsewhere. */
export const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

export const redirect: PolicySpec = {
  name: "redirect",
  summary: "Sends the client elsewhere and ends the request; later sections do not run.",
  sections: everySection,
  scopes: everyScope,
  forwardAuth: true,
  shorthand: "to",
  native: true,
  args: {
    to: {
      type: "string",
      summary: "Path on this host, or an http(s) URL. Computed parts never choose the host, unless it is request.host.",
      required: true,
      expression: true,
    },
    status: { type: "integer", summary: "301, 302, 303, 307 or 308.", default: 302, min: 301, max: 308 },
  },
  check: checkRedirect,
  example: `redirect:
  to: https://www.example.com\${request.path}
  status: 301`,
};

function checkRedirect({ to, status }: CheckedArguments): ArgumentProblem | undefined {
  if (!redirectStatuses.includes(Number(literalOf(status) ?? 302))) {
    return { argument: "status", message: `is one of ${redirectStatuses.join(", ")}` };
  }
  if (to?.kind !== "literal" && to?.kind !== "template") return undefined;
  return beginsWell(to) ? undefined : { argument: "to", message: "starts with /path, http:// or https://" };
}

/** `//host` and `/\host` are other hosts to a browser, other schemes may be code. */
function beginsWell(to: Value): boolean {
  if (to.kind === "expression") return true;
  const [first, second] = to.kind === "literal" ? [String(to.value)] : to.parts;
  if (typeof first !== "string" || /^(?:https?:\/\/[^/\\]|\/(?![/\\]))/i.test(first)) return true;
  return /^https?:\/\/$/i.test(first) && typeof second === "object" && second.source.trim() === "request.host";
}
