import type { Draft } from "#interop/caddyfile/target/draft.ts";

/** Sets one of `edge.limits`. */
export function limit(draft: Draft, key: string, value: unknown): void {
  draft.edge["limits"] = { ...(draft.edge["limits"] as object | undefined), [key]: value };
}
