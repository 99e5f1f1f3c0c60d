import { uncarriedFields } from "#lib/uncarried-fields.ts";
import { isIdentityField } from "#model/identity-fields.ts";
import { type ArgumentProblem, type CheckedArguments, everyScope, itemsOf, literalOf } from "./common.ts";
import { fieldNameProblem } from "./field-names.ts";
import type { PolicySpec } from "./spec.ts";

export const forwardAuth: PolicySpec = {
  name: "forward-auth",
  summary:
    "Asks another auth service whether the request may pass: a 2xx goes on, any other response goes to the client as it is.",
  sections: ["inbound"],
  scopes: everyScope,
  forwardAuth: true,
  native: true,
  args: {
    uri: {
      type: "string",
      summary:
        "Where to ask: an http or https URL. Asked with GET, without the body, with X-Forwarded-Method and -Uri.",
      required: true,
    },
    copyHeaders: {
      type: "list",
      summary:
        "Fields of a 2xx that replace the client's on the way to the backend; A>B for another name. The client's go in any case.",
      items: { type: "string", summary: "Name, or Name>Other." },
    },
    host: {
      type: "enum",
      summary: "preserve sends the Host that the client asked for, upstream the service's own.",
      values: ["preserve", "upstream"],
      default: "preserve",
    },
    timeout: {
      type: "duration",
      summary: "Longest time until the whole response; then the request is refused.",
      default: 5000,
      min: 10,
      max: 60_000,
    },
    maxResponseSize: {
      type: "size",
      summary: "Longest body of a response; a longer one is a refusal.",
      default: 65_536,
      min: 0,
      max: 1_048_576,
    },
  },
  check: (args) => checkUri(args) ?? checkCopied(args),
  example: `forward-auth:
  uri: https://auth.example.com/verify
  copyHeaders: [Remote-User, X-Auth-Request-Email>Remote-Email]`,
};

/** `Name` or `Name>Other`: the field of the response, and the field that the backend gets. */
export function parseCopied(text: string): readonly [from: string, to: string] {
  const [from = "", to = from] = text.split(">", 2);
  return [from.trim(), to.trim()];
}

function checkUri(args: CheckedArguments): ArgumentProblem | undefined {
  const uri = String(literalOf(args["uri"]));
  const plain = /^https?:\/\/[A-Za-z0-9.\-_[\]:]+(\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*)?(\?[!-"$-~]*)?$/;
  if (plain.test(uri) && URL.canParse(uri)) return undefined;
  return { argument: "uri", message: "is an absolute http or https URL without user and fragment" };
}

function checkCopied(args: CheckedArguments): ArgumentProblem | undefined {
  for (const item of itemsOf(args["copyHeaders"])) {
    const text = String(literalOf(item));
    const [from, to] = parseCopied(text);
    const message = text.split(">").length > 2 ? `${text} has more than one >` : copiedProblem(from, to);
    if (message !== undefined) return { argument: "copyHeaders", message };
  }
  return undefined;
}

function copiedProblem(from: string, to: string): string | undefined {
  for (const name of [from, to]) {
    const problem = fieldNameProblem(name);
    if (problem !== undefined) return problem;
  }
  if (uncarriedFields.has(to.toLowerCase())) return `${to} says how a message is sent, and cannot be copied`;
  return isIdentityField(to) || to.toLowerCase().startsWith("x-forwarded-")
    ? `${to} is written by this gateway alone: give it another name, as in ${from}>Remote-User`
    : undefined;
}
