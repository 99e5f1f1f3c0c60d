import { canonicalJson } from "#compile/canonical.ts";
import { plain } from "#compile/comparison/plain.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { PromotionCodeName } from "./codes.ts";

/** Arguments that say how much is let through, and whether more of them is more. */
const amounts: Readonly<Record<string, Readonly<Record<string, 1 | -1>>>> = {
  "limit-concurrency": { maxCount: 1 },
  quota: { calls: 1, bandwidth: 1, period: -1 },
  "quota-by-key": { calls: 1, bandwidth: 1, period: -1 },
  "rate-limit": { calls: 1, period: -1 },
  "rate-limit-by-key": { calls: 1, period: -1 },
};

/** How a limit changes whose numbers alone are others; undefined: it is no such change. */
export function limitChange(
  was: PolicyNode,
  is: PolicyNode,
): readonly (readonly [PromotionCodeName, string])[] | undefined {
  const rule = was.name === is.name ? amounts[was.name] : undefined;
  if (rule === undefined) return undefined;
  const names = [...new Set([...Object.keys(was.args), ...Object.keys(is.args)])];
  const others = names.filter((name) => canonicalJson(was.args[name]) !== canonicalJson(is.args[name]));
  const steps = others.map((name) => {
    const [old, fresh] = [plain(was.args[name]), plain(is.args[name])];
    const sign = rule[name];
    // A quota that never renews has the longest period of all.
    if (sign === undefined || typeof old !== "number" || typeof fresh !== "number" || old === 0 || fresh === 0)
      return undefined;
    const code: PromotionCodeName = (fresh - old) * sign > 0 ? "limit-looser" : "limit-tighter";
    return [code, `${was.name}.${name} is ${fresh} instead of ${old}${name === "period" ? " ms" : ""}`] as const;
  });
  return steps.some((step) => step === undefined) ? undefined : steps.filter((step) => step !== undefined);
}
