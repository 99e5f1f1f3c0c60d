import { GatewayError } from "#model/errors.ts";
import type { ClusterAccess, Provider } from "#model/definition.ts";
import type { Egress } from "#model/ports.ts";
import { discover, fetchDocument, type MetadataSource } from "./discovery.ts";

/** The published key set of a cluster's API server. */
export type ClusterKeys = (provider: string) => Promise<Readonly<Record<string, unknown>>>;

export interface ClusterPorts {
  readonly egress: Egress;
  readonly readText: (path: string) => Promise<string>;
}

/** Where every API server has its keys. What its metadata names may be an address that only the cluster's nodes know. */
const keysPath = "/openid/v1/jwks";

/**
 * Asks the API server of the cluster that this gateway runs in, by the token of its own service account. Both files are
 * read each time: the kubelet replaces the token long before it ends. The token goes to the API server and nowhere else.
 * @throws GatewayError `idp-unreachable`, `idp-malformed`, and what {@link Egress} throws
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
 */
export async function fetchClusterKeys(
  { issuer }: Pick<Provider, "issuer">,
  { server, tokenFile, caFile }: ClusterAccess,
  { egress, readText }: ClusterPorts,
): Promise<Readonly<Record<string, unknown>>> {
  const token = (await readFrom(tokenFile, readText)).trim();
  // It becomes a header field.
  if (!/^[\w.-]+$/.test(token)) throw unusable(`${tokenFile} holds no token`);
  const ca = await readFrom(caFile, readText);
  const source: MetadataSource = { issuer, base: server, keyOrigins: [], ca, trusted: true, token };
  await discover(source, egress);
  return fetchDocument(`${server}${keysPath}`, source, egress);
}

async function readFrom(path: string, readText: ClusterPorts["readText"]): Promise<string> {
  try {
    return await readText(path);
  } catch {
    throw unusable(`${path} cannot be read`);
  }
}

function unusable(what: string): GatewayError {
  return new GatewayError("idp-unreachable", 503, `${what}: is this a pod with a service account's token?`, {
    source: "gateway",
  });
}
