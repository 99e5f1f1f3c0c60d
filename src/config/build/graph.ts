import { createPrivateKey } from "node:crypto";
import { jwsAlgorithmOf } from "#lib/sign-jws.ts";
import type { Connection, ConnectionClient } from "#model/connection.ts";
import type { GroupLookup } from "#model/group-lookup.ts";
import { rulesOf, tenantMark } from "#model/provider-rules.ts";
import { Secret } from "#model/secret.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ProviderInput } from "#config/table/identity.ts";

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How groups are asked for; undefined: they are what the token says. */
export function buildGraph({ name, at, value }: Named<ProviderInput>, problems: Problems): GroupLookup | undefined {
  const { graph, preset } = value;
  if (graph === undefined || graph === "off") return undefined;
  if (!rulesOf(preset).tenantInIssuer) {
    const fix = "add preset: entra-id-v2, or leave graph out";
    problems.error("value-invalid", at, `${name} keeps no groups in Microsoft Graph`, fix);
  }
  const wrong = graph.only?.find((id) => !guid.test(id));
  if (wrong !== undefined) {
    const fix = "write the object ids of groups: 11111111-2222-3333-4444-555555555555";
    problems.error("value-invalid", at, `${name}: ${wrong.slice(0, 80)} is not the id of a group`, fix);
  }
  const { groups, url, keep, securityOnly, only } = graph;
  return {
    when: groups,
    url: url.replace(/\/+$/, ""),
    keepMs: keep,
    securityOnly,
    only: only?.map((id) => id.toLowerCase()) ?? null,
  };
}

/** What the gateway proves to each directory: it is the provider's client, by the credentials that people log in with as well. */
export function buildGroupReaders(
  providers: readonly Named<ProviderInput>[],
  resources: Pick<Resources, "secrets">,
  problems: Problems,
): readonly Connection[] {
  return providers.flatMap((provider) => {
    const { name, at, value } = provider;
    const { graph, clientId, tenants } = value;
    if (graph === undefined || graph === "off") return [];
    if (graph.tokenUrl.includes(tenantMark) || tenants === undefined || tenants.value.length < 2) {
      const client = clientId === undefined ? undefined : clientOf(provider, resources, problems);
      if (client !== undefined && clientId !== undefined) return [reader(name, clientId, client, graph)];
      const fix = "write clientId, and clientSecret: { env: … } or clientKey: { file: … }";
      if (clientId === undefined || (value.clientSecret === undefined) === (value.clientKey === undefined)) {
        problems.error("graph-incomplete", at, `${name} cannot ask Microsoft Graph without a client of its own`, fix);
      }
      return [];
    }
    const fix = `put ${tenantMark} in the place of the tenant`;
    problems.error("value-invalid", at, `the tokenUrl of ${name} is one tenant's, and there are several`, fix);
    return [];
  });
}

function reader(
  provider: string,
  clientId: string,
  client: ConnectionClient,
  { url, tokenUrl }: { readonly url: string; readonly tokenUrl: string },
): Connection {
  return {
    provider,
    name: "graph",
    tokenUrl,
    clientId,
    client,
    grant: "client-credentials",
    actor: "none",
    scopes: [`${new URL(url).origin}/.default`],
    parameters: {},
    users: [],
  };
}

function clientOf(
  { value: { clientSecret, clientKey } }: Named<ProviderInput>,
  { secrets }: Pick<Resources, "secrets">,
  problems: Problems,
): ConnectionClient | undefined {
  if ((clientSecret === undefined) === (clientKey === undefined)) return undefined;
  const secret = clientSecret && secrets.get(clientSecret);
  if (secret !== undefined) return { kind: "secret", secret, in: "body" };
  const key = clientKey && secrets.get(clientKey);
  // What could not be read has been reported.
  if (key === undefined || clientKey === undefined) return undefined;
  const client = assertion(key);
  if (client === undefined) {
    const fix = "write a private key in PEM or as a JWK: RSA, P-256, P-384, P-521 or Ed25519, without a password";
    problems.error("value-invalid", clientKey.at, "this is no key that a client can sign with", fix);
  }
  return client;
}

/** PEM, or a JWK whose `kid` is the key's name at the provider. */
function assertion(written: Secret): ConnectionClient | undefined {
  try {
    const text = written.reveal();
    const jwk = text.trimStart().startsWith("{") ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : null;
    const key = jwk === null ? createPrivateKey(text) : createPrivateKey({ key: jwk as never, format: "jwk" });
    if (jwsAlgorithmOf(key) === undefined) return undefined;
    const pem = new Secret(written.origin, String(key.export({ type: "pkcs8", format: "pem" })));
    const keyId = typeof jwk?.["kid"] === "string" ? jwk["kid"] : null;
    return { kind: "assertion", key: pem, keyId, chainPem: null };
  } catch {
    return undefined;
  }
}
