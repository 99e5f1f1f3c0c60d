import type { FileLookup } from "#interop/caddyfile/match/files.ts";
import type { Policy } from "#interop/caddyfile/target/policy.ts";
import type { Directive } from "./scope.ts";

/** The policy that looks, in the folder that holds where it stands. */
export function findFile({ variable, tries, root }: FileLookup, directive: Directive): Policy {
  const files = {
    root: root ?? directive.scope.site.rootOf(directive),
    ...(tries.length === 0 ? {} : { tryFiles: tries }),
  };
  const ending = directive.scope.site.draft.ending("files", { files });
  return { "find-file": { ending, outputVariable: variable } };
}
