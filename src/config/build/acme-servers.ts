import { Buffer } from "node:buffer";
import type { AcmeServerDeclaration, ExternalAccountDeclaration } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { AcmeServerInput, ExternalAccountInput } from "#config/table/acme-server.ts";
import type { ApiInput } from "#config/table/api.ts";
import type { EdgeInput } from "#config/table/edge.ts";

export function buildAcmeServers(
  apis: readonly Named<ApiInput>[],
  https: EdgeInput["https"],
  resources: Resources,
  problems: Problems,
): readonly AcmeServerDeclaration[] {
  return apis.flatMap(({ name, value: { acmeServer, hosts } }) => {
    if (acmeServer === undefined) return [];
    const { at, value } = acmeServer;
    if (https === "off") {
      problems.error("value-invalid", at, `${name} serves ACME, whose clients insist on HTTPS`, "switch edge.https on");
    }
    if (isIdle(value)) {
      const message = `the ACME server of ${name} allows no name, so it would issue nothing`;
      problems.error("key-missing", at, message, 'write allow: ["*.svc.example.internal"]');
    }
    return [build(name, hosts?.value ?? [], value, resources, problems)];
  });
}

function isIdle({ allow, externalAccounts }: AcmeServerInput): boolean {
  return allow.length === 0 && externalAccounts.every(({ value }) => value.allow === undefined);
}

function build(
  api: string,
  hosts: readonly string[],
  input: AcmeServerInput,
  resources: Resources,
  problems: Problems,
): AcmeServerDeclaration {
  const { allow, lifetime, dial = null } = input;
  const accounts = input.externalAccounts.map((account) => buildAccount(account, resources, problems));
  const externalAccounts = accounts.filter((account) => account !== null);
  return { api, hosts, allow, lifetimeMs: lifetime, dial, externalAccounts };
}

function buildAccount(
  { name, at, value }: Named<ExternalAccountInput>,
  { secrets }: Resources,
  problems: Problems,
): ExternalAccountDeclaration | null {
  const key = value.key === undefined ? undefined : secrets.get(value.key);
  if (key === undefined) return null;
  const text = key.reveal();
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text) || Buffer.from(text, "base64url").length < 16) {
    const message = `the key of ${name} from ${key.origin} is not base64url of at least 16 bytes`;
    problems.error("value-invalid", at, message, "make one: openssl rand 32 | basenc --base64url");
    return null;
  }
  return { name, key, allow: value.allow ?? null, spiffeId: value.spiffeId ?? null };
}
