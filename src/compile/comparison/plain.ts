import { countsIn, isSecretMark } from "#compile/canonical.ts";
import type { Argument, Expression, Value } from "#model/policy-tree.ts";
import { Secret } from "#model/secret.ts";

type Members = Readonly<Record<string, unknown>>;

/** What shows that a secret is there and nothing else of it. */
const hidden = "(secret)";

/**
 * A part of a definition as people would write it: without positions, policies as `{ name: arguments }`, expressions as
 * `${…}`, a secret as where it is read from. For showing: different things may look the same.
 */
export function plain(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(plain);
  if (typeof node !== "object" || node === null) return node;
  if (node instanceof Secret) return { secret: node.origin };
  const members = node as Members;
  if (isArgument(members)) return argument(members);
  if ("language" in members && "source" in members) return source(members as unknown as Expression);
  if ("args" in members && typeof members["name"] === "string") return policy(members);
  const isSecret = isSecretMark(members);
  const shown = Object.entries(members).filter(
    ([key, member]) => countsIn(key, member) && !(isSecret && key === "secret"),
  );
  return Object.fromEntries(shown.map(([key, member]) => [key, isSecret && isHidden(key) ? hidden : plain(member)]));
}

function isHidden(key: string): boolean {
  return key === "value" || key === "source";
}

function policy({ name, id, args }: Members): unknown {
  const written = plain(args) as Members;
  const entry = Object.keys(written).length === 0 ? name : { [String(name)]: written };
  if (id === undefined) return entry;
  return typeof entry === "object" ? { ...(entry as Members), id } : { [String(name)]: {}, id };
}

function isArgument({ kind, ...rest }: Members): boolean {
  if (kind === "literal") return "value" in rest;
  if (kind === "template") return "parts" in rest;
  if (kind === "expression") return "expression" in rest;
  if (kind === "list") return "items" in rest;
  return (kind === "map" && "entries" in rest) || (kind === "policies" && "policies" in rest);
}

function argument(members: Members): unknown {
  const found = members as unknown as Argument;
  if (found.kind === "list") return found.items.map(plain);
  if (found.kind === "map")
    return Object.fromEntries(Object.entries(found.entries).map(([key, one]) => [key, plain(one)]));
  return found.kind === "policies" ? found.policies.map(plain) : value(found);
}

function value(found: Value): unknown {
  if (found.kind === "literal") return found.secret === true ? hidden : found.value;
  if (found.kind === "expression") return source(found.expression);
  return found.parts.map((part) => (typeof part === "string" ? part : source(part))).join("");
}

/** C# has its own mark. */
function source({ language, source: text, secret }: Expression): string {
  if (secret === true) return hidden;
  return language === "cel" ? `\${${text}}` : text;
}
