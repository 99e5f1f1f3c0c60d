import type { Backend } from "#model/definition.ts";
import { suggestion } from "#notation/nearest.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { BackendInput } from "#config/table/backend.ts";
import type { TargetInput } from "#config/table/balance.ts";

/** Where a target is: at its own URL, or at that of the backend that it is. Empty: that has been reported. */
export function urlOfTarget(
  pool: string,
  { url, backend }: TargetInput,
  backends: readonly Named<BackendInput>[],
  at: Named<BackendInput>["at"],
  problems: Problems,
): string {
  if ((url === undefined) === (backend === undefined)) {
    const message = `a target of ${pool} says ${url === undefined ? "nowhere" : "twice"} where it is`;
    problems.error("value-invalid", backend?.at ?? at, message, "write one of url and backend");
  }
  if (backend === undefined) return url ?? "";
  const found = backends.find(({ name }) => name === backend.value);
  if (found === undefined) {
    const names = backends.map(({ name }) => name);
    const fix = suggestion(backend.value, names, (one) => one) ?? `define the backend ${backend.value}`;
    problems.error("reference-unknown", backend.at, `there is no backend ${backend.value}`, fix);
    return "";
  }
  if (found.value.url !== undefined) return found.value.url.value;
  const message = `${backend.value} has several targets itself, and pools hold none of their kind`;
  problems.error("value-invalid", backend.at, message, "name backends with a url");
  return "";
}

/** What is fetched for a backend is chosen before its target is. */
export function checkMembers(backends: readonly Backend[], problems: Problems): void {
  for (const { name, targets, authorization, identity, proxyProtocol, at } of backends) {
    for (const { backend } of targets) {
      const member = backend === undefined ? undefined : backends.find((one) => one.name === backend);
      if (member === undefined) continue;
      const differs: string[] = [];
      if (!isSame(member.authorization ?? { kind: "original" }, authorization ?? { kind: "original" }))
        differs.push("authorization that is fetched or taken from the client");
      if (!isSame(member.identity ?? null, identity ?? null)) differs.push("identity");
      if (member.proxyProtocol !== proxyProtocol) differs.push("proxyProtocol");
      if (differs.length === 0) continue;
      const message = `${member.name} is a target of ${name}, which says something else of ${differs.join(" and ")}`;
      problems.error("value-invalid", at, message, "say the same of both: it holds for the pool as a whole");
    }
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
