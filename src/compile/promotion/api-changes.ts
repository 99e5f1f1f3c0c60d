import { shadowChanges } from "./shadow-changes.ts";
import type { Api } from "#model/definition.ts";
import { type Finding, finding, when } from "./finding.ts";
import { bothOf, newOf } from "./named.ts";
import type { Served } from "./served.ts";

/** Where APIs are served, and whom they believe. */
export function apiChanges(before: Served, after: Served): readonly Finding[] {
  return bothOf(before.definition.apis, after.definition.apis).flatMap(([was, is]) => {
    const subject = `API ${is.name}`;
    const proxies = newOf(was.trustedProxies, is.trustedProxies);
    const people = `people who have logged in ${is.login ? "are" : "are not"} known there`;
    const asked = `other proxies ${is.forwardAuth ? "may" : "may not"} ask about its requests`;
    return [
      ...hosts(was.hosts, is.hosts, subject),
      ...when(
        keyPlace(was) !== keyPlace(is),
        "key-moved",
        subject,
        `subscription keys are looked for ${keyPlace(is)}, and not ${keyPlace(was)}`,
      ),
      ...when(
        !was.subscriptionKey.forward && is.subscriptionKey.forward,
        "access-changed",
        subject,
        "subscription keys are passed on to its backend",
      ),
      ...proxies.map((proxy) => finding("proxy-trusted", subject, `forwarded fields of ${proxy} are believed`)),
      ...when(was.login !== is.login, "access-changed", subject, people),
      ...when(was.forwardAuth !== is.forwardAuth, "access-changed", subject, asked),
      ...shadowChanges(was, is, subject),
    ];
  });
}

/** None is any host. */
function hosts(was: readonly string[], is: readonly string[], subject: string): readonly Finding[] {
  if (was.length === 0 || is.length === 0) {
    const alone = `is served at ${is.join(", ")} alone, and not at any host`;
    return [
      ...when(was.length > 0, "host-added", subject, "is served at any host"),
      ...when(is.length > 0, "host-removed", subject, alone),
    ];
  }
  return [
    ...newOf(is, was).map((host) => finding("host-removed", subject, `is not served at ${host} any more`)),
    ...newOf(was, is).map((host) => finding("host-added", subject, `is served at ${host}`)),
  ];
}

function keyPlace({ subscriptionKey: { header, query } }: Api): string {
  return `in ${header} or the parameter ${query}`;
}
