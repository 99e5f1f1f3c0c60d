import { isFabricService } from "#model/fabric-cluster.ts";
import type { Settings } from "./draft.ts";
import type { Import } from "./import.ts";
import type { Information, Resource } from "./information.ts";
import { idOf } from "./names.ts";

function clusterIn(information: Information): Information {
  return information.inner("properties").inner("serviceFabricCluster");
}

export function isCluster({ information }: Resource): boolean {
  return clusterIn(information).names().length > 0;
}

/** A backend that is a cluster of Service Fabric: policies call it by the same name. */
export function importCluster(context: Import, { id, path, information }: Resource): void {
  const { draft, report } = context;
  const name = context.backends.give(id);
  const cluster = clusterIn(information);
  const endpoints = cluster.texts("managementEndpoints").map((url) => url.replace(/\/$/, ""));
  const usable = endpoints.filter((url) => /^https:\/\/[^\s/]+$/.test(url));
  if (usable.length < endpoints.length || usable.length === 0) {
    report.need(`${name}.endpoints`, path, `management endpoints of the cluster ${name}, over https`);
  }
  const service = information.text("url") ?? "";
  const retries = cluster.number("maxPartitionResolutionRetries");
  const settings = {
    endpoints: usable,
    ...(isFabricService(service) ? { service } : {}),
    ...shownCertificate(context, cluster, path),
    ...(retries === undefined ? {} : { retries: Math.min(20, Math.max(0, retries)) }),
  };
  const pinned = [...cluster.texts("serverCertificateThumbprints"), ...cluster.inners("serverX509Names")];
  if (pinned.length > 0) {
    report.note(path, `the cluster ${name} is known by its certificates there: here name their authority by ca`);
  }
  const rest = ["credentials", "circuitBreaker", "proxy"].filter((part) => information.inner(part).names().length > 0);
  if (rest.length > 0) report.refuse(path, `the cluster ${name} goes without its ${rest.join(" and ")}`);
  draft.put("serviceFabric", name, settings, [path]);
  report.map(path, `serviceFabric.${name}`);
}

function shownCertificate({ certificates }: Import, cluster: Information, path: string): Settings {
  const id = cluster.text("clientCertificateId");
  const thumbprint = cluster.text("clientCertificatethumbprint") ?? cluster.text("clientCertificateThumbprint");
  const name =
    id !== undefined
      ? certificates.useId(idOf(id), path)
      : thumbprint === undefined
        ? undefined
        : certificates.useThumbprint(thumbprint, path);
  return name === undefined ? {} : { clientCertificate: name };
}
