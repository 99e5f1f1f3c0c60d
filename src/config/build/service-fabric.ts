import type { FabricCluster } from "#model/fabric-cluster.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { RootInput } from "#config/table/root.ts";

export function buildServiceFabric(
  { serviceFabric, backends }: RootInput,
  { certificates }: Resources,
  problems: Problems,
): readonly FabricCluster[] {
  return serviceFabric.map(({ name, at, value }) => {
    const { endpoints, service, clientCertificate, ca, retries } = value;
    if (backends.some((backend) => backend.name === name)) {
      const message = `${name} is a backend and a cluster of Service Fabric: policies could not say which they mean`;
      problems.error("value-invalid", at, message, "call one of them something else");
    }
    return {
      name,
      endpoints: endpoints?.value ?? [],
      service: service ?? null,
      certificate: clientCertificate?.value ?? null,
      ca: ca === undefined ? null : (certificates.get(ca.value) ?? null),
      retries,
    };
  });
}
