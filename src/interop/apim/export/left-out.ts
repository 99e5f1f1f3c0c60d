import type { Export } from "./export.ts";

/** Parts of a definition that are this gateway's own, or that an APIOps folder has no place for. */
export function reportLeftOut({ definition, report }: Export): void {
  const { messaging, cache, edge } = definition;
  report.leave("edge", "HTTPS, addresses and bounds on clients are this gateway's own");
  if (edge.clientCertificates !== null)
    report.leave("edge.clientCertificates", "host names of API Management ask for certificates, or do not");
  for (const { name } of definition.providers)
    report.leave(`identity.providers.${name}`, "is asked for tokens by policies that name it, and by access rules");
  const named: readonly (readonly [string, readonly { readonly name: string }[], string])[] = [
    ["connections", definition.connections, "is to be made there as an authorization of a credential provider"],
    ["approvals", definition.approvals, "has no counterpart"],
    ["serviceFabric", definition.fabricClusters, "is to be made there as a backend by hand"],
  ];
  for (const [section, entries, why] of named) for (const { name } of entries) report.leave(`${section}.${name}`, why);
  if (definition.login !== null) report.leave("identity.providers.*.login", "people do not log in there");
  if (definition.assertion !== null) report.leave("identity.assertion", "backends are told nobody by assertions there");
  if (messaging.serviceBus.length > 0) report.leave("serviceBus", "is reached there by the service's own identity");
  if (cache.external !== undefined) report.leave("cache.external", "is to be made there by hand");
  if (definition.egress.allow.length > 0) report.leave("egress", "API Management calls whatever a policy says");
  for (const { name } of definition.endings) report.leave(`endings.${name}`, "has no counterpart");
  if (definition.announcements !== null) report.leave("announcements", "has no counterpart");
  if (definition.acmeServers.length > 0) report.leave("acmeServer", "has no counterpart");
  report.leave("audit, analytics, telemetry, logs, admin", "are this gateway's own");
}
