import type { ClusterAccess } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ProviderInput } from "#config/table/identity.ts";

/** What API servers call themselves, unless `--service-account-issuer` says otherwise. */
export const clusterIssuer = "https://kubernetes.default.svc.cluster.local";

/** The files need not be there where the definition is read: it may be checked outside the cluster. */
export function buildCluster(
  { name, at, value }: Named<ProviderInput>,
  resolve: (name: string) => string,
  problems: Problems,
): ClusterAccess | undefined {
  const { inCluster, preset, ca } = value;
  if (inCluster === undefined || inCluster === "off") return undefined;
  if (preset !== "kubernetes") {
    const fix = "add preset: kubernetes, or leave inCluster out";
    problems.error("value-invalid", at, `${name} is no cluster that a gateway could run in`, fix);
  }
  if (ca !== undefined) {
    const fix = "write inCluster: { ca: … } where it is another file";
    problems.error("value-invalid", ca.at, `${name} is asked by the cluster's own authorities`, fix);
  }
  return {
    server: inCluster.server.replace(/\/+$/, ""),
    tokenFile: resolve(inCluster.token),
    caFile: resolve(inCluster.ca),
  };
}
