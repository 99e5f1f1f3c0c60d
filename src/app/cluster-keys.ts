import { open } from "node:fs/promises";
import { type ClusterKeys, fetchClusterKeys } from "#identity/cluster-keys.ts";
import type { Provider } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Egress } from "#model/ports.ts";

/** Of a token, and of a file with a cluster's authorities. */
const maxBytes = 256 * 1024;

/** On main: workers read no files, and none of them sees the token. */
export function clusterKeys(providers: () => readonly Provider[], egress: Egress): ClusterKeys {
  return async (name) => {
    const provider = providers().find((one) => one.name === name);
    if (provider?.inCluster === undefined) {
      throw new GatewayError("idp-unreachable", 503, "no such cluster in the definition", { source: "gateway" });
    }
    return fetchClusterKeys(provider, provider.inCluster, { egress, readText });
  };
}

async function readText(path: string): Promise<string> {
  await using file = await open(path);
  const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(maxBytes + 1), position: 0 });
  if (bytesRead > maxBytes) throw new RangeError("the file is too large");
  return buffer.toString("utf8", 0, bytesRead);
}
