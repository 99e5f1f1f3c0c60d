import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import type { Branch, Policy } from "#interop/caddyfile/target/policy.ts";
import { choose } from "#interop/caddyfile/target/policy.ts";
import { statusCondition } from "#interop/caddyfile/directives/values.ts";
import type { SiteCompiler } from "./compile-site.ts";
import type { Scope } from "./scope.ts";

/** `handle_errors`: those with statuses first, as they stand; the one without them takes the rest. */
export function errorPolicies(lines: readonly Line[], scope: Scope, compiler: SiteCompiler): readonly Policy[] {
  const blocks = lines.filter(({ name }) => name.text === "handle_errors");
  if (blocks.length === 0) return [];
  const branches = blocks
    .toSorted((a, b) => Number(a.args.length === 0) - Number(b.args.length === 0))
    .map(({ args, block }): Branch => {
      const statuses = args.map(({ text }) => text);
      const condition = statuses.length === 0 ? "true" : statusCondition(statuses, "response.status");
      const inner: Scope = { ...scope, moment: "error", root: { ...scope.root }, tries: { current: null } };
      return { condition, policies: compiler.compile(block ?? [], inner, true).policies };
    });
  const last = branches.at(-1);
  const unmark = scope.site.unmark();
  if (last?.condition === "true" && branches.length === 1) return [...unmark, ...last.policies];
  const isWhole = last?.condition === "true";
  return [...unmark, isWhole ? choose(branches.slice(0, -1), last.policies) : choose(branches)];
}
