import { canonicalJson } from "#compile/canonical.ts";
import { partsOf } from "#compile/comparison/parts.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Chain, ScopedPolicy } from "#model/snapshot.ts";
import type { PromotionCodeName } from "./codes.ts";
import type { Finding } from "./finding.ts";
import { limitChange } from "./limit-change.ts";
import { isProtective } from "./protective.ts";
import type { ServedOperation } from "./served.ts";

const sections = ["inbound", "backend", "outbound", "onError"] as const;

/** What runs for the requests of an operation, in each product that it is in before and after. */
export function chainChanges(before: ServedOperation, after: ServedOperation): readonly Finding[] {
  const found: Finding[] = [];
  for (const [product, chain] of after.chains) {
    // Of a new way to the operation the one without a product is what there was.
    const was = before.chains.get(product) ?? before.chains.get("");
    const where = product === "" ? "" : ` for the product ${product}`;
    for (const section of was === undefined ? [] : sections) {
      found.push(...sectionChanges((was as Chain)[section], chain[section], where, after.subject));
    }
  }
  return found;
}

type Policies = ReadonlyMap<string, PolicyNode>;

function sectionChanges(
  before: readonly ScopedPolicy[],
  after: readonly ScopedPolicy[],
  where: string,
  subject: string,
): readonly Finding[] {
  const [was, is] = [byName(before), byName(after)];
  const tell = (code: PromotionCodeName, what: string): Finding => ({ code, what: `${what}${where}`, subject });
  const found: Finding[] = [];
  for (const [name, node] of was) {
    const now = is.get(name);
    if (now !== undefined) found.push(...changed(name, node, now).map(([code, what]) => tell(code, what)));
    else
      found.push(tell(isProtective(node) ? "protection-dropped" : "policy-changed", `${name} does not run any more`));
  }
  for (const [name, node] of is) {
    if (!was.has(name))
      found.push(tell(isProtective(node) ? "protection-added" : "policy-changed", `${name} runs as well`));
  }
  if (isMoved(was, is)) found.push(tell("protection-changed", "policies run in another order"));
  return found;
}

function changed(name: string, was: PolicyNode, is: PolicyNode): readonly (readonly [PromotionCodeName, string])[] {
  if (canonicalJson(was) === canonicalJson(is)) return [];
  const limit = limitChange(was, is);
  if (limit !== undefined) return limit;
  const code = isProtective(was) || isProtective(is) ? "protection-changed" : "policy-changed";
  return [[code, `${name} is another than before`]];
}

/** As a comparison names them. */
function byName(policies: readonly ScopedPolicy[]): Policies {
  return (partsOf(policies.map(({ node }) => node)) ?? new Map()) as Policies;
}

/** Something that refuses stands before or behind something else than it did. */
function isMoved(was: Policies, is: Policies): boolean {
  const old = [...was.keys()].filter((name) => is.has(name));
  const fresh = [...is.keys()].filter((name) => was.has(name));
  if (old.join() === fresh.join()) return false;
  return fresh.some((name) => isProtective(is.get(name) as PolicyNode));
}
