import type { Definition } from "#model/definition.ts";

/**
 * Hosts, `*.` patterns among them, at which `/.sallyport` is the gateway's own; `*`: at every host. Empty: the
 * definition needs no page.
 */
export function siteHostsOf({ apis, login, assertion, approvals, scim }: Definition): readonly string[] {
  if (login === null && assertion === null && approvals.length === 0 && scim.length === 0) return [];
  const hosts = apis.flatMap((api) => (api.hosts.length === 0 ? ["*"] : api.hosts));
  return [...new Set(hosts)].toSorted();
}
