import { createPrivateKey } from "node:crypto";
import { jwsAlgorithmOf } from "#lib/sign-jws.ts";
import type { NamedCertificate } from "#model/certificates.ts";
import type { Connection, ConnectionClient } from "#model/connection.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import { Secret } from "#model/secret.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ConnectionInput, ConnectionsInput } from "#config/table/connection.ts";
import type { IdentityInput } from "#config/table/identity.ts";

const nothing: ConnectionClient = { kind: "secret", secret: new Secret("nowhere", ""), in: "body" };

export function buildConnections(
  providers: ConnectionsInput,
  resources: Resources,
  certificates: readonly NamedCertificate[],
  problems: Problems,
): readonly Connection[] {
  return providers.flatMap(({ name: provider, value: connections }) =>
    connections.map((connection) => {
      const { name, value } = connection;
      const { tokenUrl, clientId, grant, actor, scopes, audience, resource, users } = value;
      return {
        provider,
        name,
        tokenUrl: tokenUrl ?? "",
        clientId: clientId ?? "",
        client: buildClient(connection, resources, certificates, problems),
        grant,
        actor,
        scopes,
        users,
        parameters: {
          ...(audience === undefined ? {} : { audience }),
          ...(resource === undefined ? {} : { resource }),
        },
      };
    }),
  );
}

/** A token that nobody shows goes nowhere. */
export function checkActors(
  { connections, identity }: { readonly connections: ConnectionsInput; readonly identity: IdentityInput },
  problems: Problems,
): void {
  if (identity.actorHeader !== undefined) return;
  const lost = connections.flatMap(({ value }) => value).find(({ value }) => value.actor === "caller");
  if (lost === undefined) return;
  const fix = "write identity: { actorHeader: X-Actor-Token }";
  problems.error("value-invalid", lost.at, `${lost.name} sends on a token that nobody can show`, fix);
}

function buildClient(
  { name, at, value }: Named<ConnectionInput>,
  { secrets }: Resources,
  certificates: readonly NamedCertificate[],
  problems: Problems,
): ConnectionClient {
  const { clientSecret, clientKey, clientCertificate } = value;
  if ([clientSecret, clientKey, clientCertificate].filter((one) => one !== undefined).length !== 1) {
    const fix = "write one of clientSecret, clientKey and clientCertificate";
    problems.error("value-invalid", at, `the client of ${name} proves itself by one thing`, fix);
    return nothing;
  }
  if (clientKey !== undefined) {
    const key = secrets.get(clientKey);
    return key === undefined ? nothing : assertion(key, value.clientKeyId ?? null, null, clientKey.at, problems);
  }
  if (clientCertificate !== undefined) {
    // That it is there and has a key is checked where all references are.
    const found = certificates.find((one) => one.name === clientCertificate.value);
    if (found === undefined || found.key === null) return nothing;
    const key = new Secret(`certificate ${found.name}`, found.key.value);
    if (value.clientAuthentication === "tls_client_auth") {
      return { kind: "certificate", chainPem: found.chainPem, key };
    }
    return assertion(key, value.clientKeyId ?? null, found.chainPem, clientCertificate.at, problems);
  }
  const secret = clientSecret && secrets.get(clientSecret);
  return secret === undefined ? nothing : { kind: "secret", secret, in: value.credentialsIn };
}

/** A key that cannot sign is told here, and not by the first request. */
function assertion(
  key: Secret,
  keyId: string | null,
  chainPem: string | null,
  at: SourcePosition,
  problems: Problems,
): ConnectionClient {
  if (!signs(key)) {
    const fix = "write a private key in PEM: RSA, P-256, P-384, P-521 or Ed25519, without a password";
    problems.error("value-invalid", at, "this is no key that a client can sign with", fix);
  }
  return { kind: "assertion", key, keyId, chainPem };
}

function signs(key: Secret): boolean {
  try {
    return jwsAlgorithmOf(createPrivateKey(key.reveal())) !== undefined;
  } catch {
    return false;
  }
}
