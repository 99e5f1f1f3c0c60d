import { type ArgumentProblem, type CheckedArguments, itemsOf, literalOf } from "./common.ts";

/**
 * Header fields that no policy may write. The framing ones would let a definition (or a value computed from a
 * request) smuggle a second message; the hop-by-hop ones belong to the connection; X-Request-Id ties the client's
 * answer to the record. @see RFC 9110 §7.6.1, RFC 9112 §6.1
 */
const protectedNames: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-request-id",
]);

/** `token` of RFC 9110 §5.6.2. */
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;

export function isProtected(name: string): boolean {
  return protectedNames.has(name.toLowerCase());
}

/** What is wrong with the name of a header field that a policy wants to write, or undefined. */
export function fieldNameProblem(name: string): string | undefined {
  if (!fieldName.test(name)) return "this is not the name of a header field";
  if (name.startsWith(":") || isProtected(name)) return `${name} cannot be changed by a policy`;
  return undefined;
}

/** For policies that write one field: the name when it is written out, and the values that the action needs. */
export function checkField(args: CheckedArguments): ArgumentProblem | undefined {
  const name = literalOf(args["name"]);
  const problem = typeof name === "string" ? fieldNameProblem(name) : undefined;
  return problem === undefined ? checkValues(args) : { argument: "name", message: problem };
}

export function checkValues(args: CheckedArguments): ArgumentProblem | undefined {
  const deletes = literalOf(args["ifExists"]) === "delete";
  const given = itemsOf(args["values"]).length > 0;
  if (!deletes && !given) return { argument: "values", message: "needs at least one value, unless ifExists is delete" };
  if (deletes && given) return { argument: "values", message: "takes no values when ifExists is delete" };
  return undefined;
}
