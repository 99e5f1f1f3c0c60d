import { canonicalJson } from "#compile/canonical.ts";
import type { Backend } from "#model/definition.ts";
import { type Finding, when } from "./finding.ts";
import { bothOf } from "./named.ts";
import type { Served } from "./served.ts";

/** Where requests go, and how. */
export function backendChanges({ definition: before }: Served, { definition: after }: Served): readonly Finding[] {
  return bothOf(before.backends, after.backends).flatMap(([was, is]) => {
    const subject = `backend ${is.name}`;
    const [from, to] = [placesOf(was), placesOf(is)];
    const isPlain = !from.includes("http://") && to.includes("http://");
    const how = "is called otherwise: time limits, TLS, credentials, balance or health";
    return [
      ...when(isPlain, "clear-text", subject, "is called without TLS"),
      ...when(from !== to, "backend-moved", subject, `is at ${to} instead of ${from}`),
      ...when(wayOf(was) !== wayOf(is), "backend-changed", subject, how),
    ];
  });
}

function placesOf({ targets, discover }: Backend): string {
  return discover === null ? targets.map(({ url }) => url).join(", ") : `${discover.scheme}://${discover.name}`;
}

function wayOf(backend: Backend): string {
  const targets = backend.targets.map((target) => ({ ...target, url: "" }));
  return canonicalJson({ ...backend, targets, discover: { ...backend.discover, scheme: "", name: "" } });
}
