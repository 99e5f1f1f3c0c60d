import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Provider } from "#model/definition.ts";
import { list, literal, node, policies } from "./nodes.ts";
import { tokenChecks } from "./token-checks.ts";

/** What the rewriting of a document needs of the definition. */
export interface NativeContext {
  readonly providers: readonly Provider[];
  readonly change: (node: PolicyNode, message: string) => void;
  readonly refuse: (node: PolicyNode, message: string) => void;
}

/** Policies in the words that API Management has for them, where YAML has shorter ones. */
export function withoutNative(nodes: readonly PolicyNode[], context: NativeContext): readonly PolicyNode[] {
  return nodes.flatMap((one) => rewritten({ ...one, args: inside(one.args, context) }, context));
}

function inside(args: Readonly<Record<string, Argument>>, context: NativeContext): Readonly<Record<string, Argument>> {
  return Object.fromEntries(Object.entries(args).map(([name, argument]) => [name, deep(argument, context)]));
}

function deep(argument: Argument, context: NativeContext): Argument {
  if (argument.kind === "policies") return policies(withoutNative(argument.policies, context));
  if (argument.kind === "list") return list(argument.items.map((item) => deep(item, context)));
  return argument.kind === "map" ? { kind: "map", entries: inside(argument.entries, context) } : argument;
}

function rewritten(one: PolicyNode, context: NativeContext): readonly PolicyNode[] {
  switch (one.name) {
    case "return-response":
      return [answer(one)];
    case "redirect":
      return [redirected(one)];
    case "validate-jwt":
      return [ofProvider(one, context)];
    case "choose":
      // What an empty backend section of an imported document is here.
      return isEmpty(one.args["when"]) && one.args["otherwise"] === undefined ? [] : [one];
    default:
      return [one];
  }
}

function isEmpty(argument: Argument | undefined): boolean {
  return argument?.kind === "list" && argument.items.length === 0;
}

/** `status`, `headers` and `body` of YAML are policies of their own there. */
function answer(given: PolicyNode): PolicyNode {
  const { status, reason, headers, body, policies: inner, ...rest } = given.args;
  const { at } = given;
  const parts: PolicyNode[] = [];
  if (status !== undefined || reason !== undefined) {
    parts.push(node("set-status", at, { code: status ?? literal(200), ...(reason === undefined ? {} : { reason }) }));
  }
  for (const [name, values] of Object.entries(headers?.kind === "map" ? headers.entries : {})) {
    parts.push(node("set-header", at, { name: literal(name), values }));
  }
  if (body !== undefined) parts.push(node("set-body", at, { body }));
  const more = inner?.kind === "policies" ? inner.policies : [];
  return { ...given, args: { ...rest, policies: policies([...parts, ...more]) } };
}

function redirected({ at, id, args }: PolicyNode): PolicyNode {
  const { to = literal(""), status = literal(302) } = args;
  const parts = [
    node("set-status", at, { code: status }),
    node("set-header", at, { name: literal("Location"), values: list([to]) }),
  ];
  const made = node("return-response", at, { policies: policies(parts) });
  return id === undefined ? made : { ...made, id };
}

function ofProvider(given: PolicyNode, context: NativeContext): PolicyNode {
  const { provider: named, ...rest } = given.args;
  if (named?.kind !== "literal") return given;
  const provider = context.providers.find(({ name }) => name === named.value);
  if (provider === undefined) return given;
  const checks = tokenChecks([provider]);
  for (const message of checks.changed) context.change(given, message);
  for (const message of checks.impossible) context.refuse(given, message);
  const { audience } = rest;
  const claims = checks.args["requiredClaims"];
  const own = rest["requiredClaims"];
  const both =
    claims?.kind === "list" && own?.kind === "list" ? { requiredClaims: list([...claims.items, ...own.items]) } : {};
  return { ...given, args: { ...checks.args, ...rest, ...(audience === undefined ? {} : { audience }), ...both } };
}
