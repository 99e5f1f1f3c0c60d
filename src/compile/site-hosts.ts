import type { Definition } from "#model/definition.ts";

/**
 * Hosts, `*.` patterns among them, at which `/.sallyport` is the gateway's own; `*`: at every host. Empty: the
 * definition needs no page.
 */
export function siteHostsOf({ apis, login, assertion, approvals, scim, cliLogin }: Definition): readonly string[] {
  const isAsked = login !== null || assertion !== null || cliLogin !== null || approvals.length + scim.length > 0;
  if (!isAsked) return [];
  const hosts = apis.flatMap((api) => (api.hosts.length === 0 ? ["*"] : api.hosts));
  return [...new Set(hosts)].toSorted();
}
