import { readCertificateRows } from "#app/certificate-status.ts";
import { managedIdentity } from "#app/managed-identity.ts";
import type { Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";
import { createClock } from "#threads/clock.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { backendFindings } from "./backend-findings.ts";
import { certificateFindings } from "./certificate-findings.ts";
import { identityFindings } from "./identity-findings.ts";
import { providerFindings } from "./provider-findings.ts";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What the gateway needs of others, asked by the ways that it asks: providers, platform, backends, certificates. */
export async function outsideFindings(
  definition: Definition,
  dataPath: string,
  ca: readonly string[],
): Promise<readonly Finding[]> {
  const clock = createClock();
  const egress = createEgress({ allow: definition.egress.allow, ownAddresses: [], clock });
  try {
    const parts = await Promise.all([
      providerFindings(definition.providers, egress, clock),
      identityFindings(definition, managedIdentity(clock, silent)),
      backendFindings(definition, ca),
      readCertificateRows(dataPath).then((rows) => certificateFindings(definition, rows, clock.now())),
    ]);
    return parts.flat();
  } finally {
    egress.close?.();
  }
}
