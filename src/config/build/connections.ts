import type { Connection } from "#model/connection.ts";
import { Secret } from "#model/secret.ts";
import type { Resources } from "#config/resources.ts";
import type { ConnectionsInput } from "#config/table/connection.ts";

export function buildConnections(providers: ConnectionsInput, { secrets }: Resources): readonly Connection[] {
  return providers.flatMap(({ name: provider, value: connections }) =>
    connections.map(
      ({ name, value: { tokenUrl, clientId, clientSecret, credentialsIn, scopes, audience, resource, users } }) => ({
        provider,
        name,
        tokenUrl: tokenUrl ?? "",
        clientId: clientId ?? "",
        clientSecret: (clientSecret && secrets.get(clientSecret)) ?? new Secret("nowhere", ""),
        credentialsIn,
        scopes,
        users,
        parameters: {
          ...(audience === undefined ? {} : { audience }),
          ...(resource === undefined ? {} : { resource }),
        },
      }),
    ),
  );
}
