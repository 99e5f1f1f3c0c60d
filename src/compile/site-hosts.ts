import type { Definition } from "#model/definition.ts";

/**
 * Hosts, `*.` patterns among them, at which `/.sallyport` is the gateway's own; `*`: at every host. Empty: the
 * definition needs no page.
 */
export function siteHostsOf(definition: Definition): readonly string[] {
  const { apis, login, assertion, approvals, scim, cliLogin } = definition;
  const isAsked = login !== null || assertion !== null || cliLogin !== null || approvals.length + scim.length > 0;
  if (!isAsked && !hasKeysToRotate(definition)) return [];
  const hosts = apis.flatMap((api) => (api.hosts.length === 0 ? ["*"] : api.hosts));
  return [...new Set(hosts)].toSorted();
}

/** Owners of keys that become due make new ones on a page, if there is a way to know them. */
function hasKeysToRotate({ providers, products, subscriptions }: Definition): boolean {
  return providers.length > 0 && [...products, ...subscriptions].some(({ rotation }) => rotation !== undefined);
}
