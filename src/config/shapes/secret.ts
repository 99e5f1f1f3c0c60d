import { isMap, isScalar } from "yaml";
import type { SourcePosition } from "#model/diagnostic.ts";
import { parseVaultSecret, type VaultSecret } from "#model/key-vault.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { fill, noteText, placeholderName } from "#notation/yaml/fill.ts";
import { readRaw } from "#notation/yaml/scalars.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import { type Fields, object } from "./object.ts";
import type { Shape } from "./shape.ts";
import { anyText, text } from "./text.ts";

/** Where a secret is to be read from. */
export type SecretSource =
  | { readonly kind: "env"; readonly name: string; readonly at: SourcePosition }
  | { readonly kind: "file"; readonly name: string; readonly at: SourcePosition }
  | {
      readonly kind: "vault";
      readonly secret: VaultSecret;
      /** Of a user-assigned identity; empty: the system's own. */
      readonly clientId: string;
      readonly at: SourcePosition;
    }
  /** A secret of the environment's values, read already. */
  | { readonly kind: "value"; readonly origin: string; readonly value: string; readonly at: SourcePosition };

interface SecretFields {
  readonly env: string | undefined;
  readonly file: string | undefined;
  readonly keyVault: VaultFields | undefined;
}

/** As API Management's named values have them. */
interface VaultFields {
  readonly secretIdentifier: VaultSecret | undefined;
  readonly identityClientId: string | undefined;
}

const vaultShape = object<VaultFields>("keyVault", {
  secretIdentifier: {
    shape: text("a secret identifier", (written) => {
      const found = parseVaultSecret(written);
      if (found !== undefined) return { value: found };
      return { problem: "this is no secret of a vault", fix: "write https://<vault>.vault.azure.net/secrets/<name>" };
    }),
    about: "https://<vault>.vault.azure.net/secrets/<name>, with a version behind it or without.",
    required: true,
  },
  identityClientId: { shape: anyText, about: "Client id of a user-assigned identity; the system's own when absent." },
});

const fields: Fields<SecretFields> = {
  env: { shape: anyText, about: "Name of the environment variable that holds it." },
  file: { shape: anyText, about: "File that holds it, relative to the definition; a line end at its end is dropped." },
  keyVault: { shape: vaultShape, about: "Secret of Azure Key Vault, read with the gateway's managed identity." },
};
const fieldsShape = object<SecretFields>("a secret", fields);

const writeInstead = "write { env: NAME } or { file: path }";

/** A secret is never written into a definition: only where it is found. What stands here instead is not shown. */
export const secret: Shape<SecretSource> = {
  schema: { $ref: "#/$defs/secret" },
  read: (reading, slot) => {
    if (isMap(slot.node)) return readSource(reading, slot);
    const name =
      isScalar(slot.node) && typeof slot.node.value === "string" ? placeholderName(slot.node.value) : undefined;
    if (name !== undefined) return fromValue(reading, slot, name);
    if (!isScalar(slot.node) || slot.node.value === null) return reportType(reading, slot, "a secret", writeInstead);
    reading.problems.error("secret-plain", slot.at, "a secret is written out here", writeInstead);
    return undefined;
  },
};

/** Text that may as well be written out. */
export type TextSource = SecretSource | { readonly kind: "plain"; readonly value: string; readonly at: SourcePosition };

/** A secret, or text that is none. A text that a secret value is filled into is a secret as a whole. */
export const textOrSecret: Shape<TextSource> = {
  schema: { anyOf: [{ type: ["string", "number", "boolean"] }, { $ref: "#/$defs/secret" }] },
  read: (reading, slot) => {
    if (isMap(slot.node)) return readSource(reading, slot);
    const raw = readRaw(reading, slot, "a text, or { env: NAME } or { file: path }");
    const filled = raw === undefined ? undefined : fill(reading, raw.text, slot.at, "secret");
    if (filled === undefined) return undefined;
    noteText(reading, slot.at);
    const { text: value } = filled;
    return filled.secret
      ? { kind: "value", origin: "values of the environment", value, at: slot.at }
      : { kind: "plain", value, at: slot.at };
  },
};

/** What `$defs/secret` says. */
export const secretSchema: Readonly<Record<string, unknown>> = {
  description: "Where a secret is read from. Never the secret itself.",
  anyOf: [
    { type: "object", properties: fieldSchemas(), additionalProperties: false, minProperties: 1, maxProperties: 1 },
    { $ref: "#/$defs/placeholder" },
  ],
};

function fieldSchemas(): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { shape, about }]) => [
      name,
      name === "keyVault" ? { ...shape.schema, description: about } : { type: "string", description: about },
    ]),
  );
}

function readSource(reading: PolicyReading, slot: Slot): SecretSource | undefined {
  const before = reading.problems.errorCount;
  const { env, file, keyVault } = fieldsShape.read(reading, slot);
  if (reading.problems.errorCount > before) return undefined;
  if ([env, file, keyVault].filter((one) => one !== undefined).length !== 1) {
    reading.problems.error("value-invalid", slot.at, "a secret comes from one place", writeInstead);
    return undefined;
  }
  const { secretIdentifier, identityClientId = "" } = keyVault ?? {};
  if (secretIdentifier !== undefined) {
    return { kind: "vault", secret: secretIdentifier, clientId: identityClientId, at: slot.at };
  }
  return env === undefined ? { kind: "file", name: file ?? "", at: slot.at } : { kind: "env", name: env, at: slot.at };
}

function fromValue(reading: PolicyReading, slot: Slot, name: string): SecretSource | undefined {
  const found = reading.values.find(name);
  if (found?.secret === true) return { kind: "value", origin: found.origin, value: found.value, at: slot.at };
  const { problems } = reading;
  if (found === undefined)
    problems.error(
      "value-unknown",
      slot.at,
      `the environment has no value ${name}`,
      `define ${name} as { env: … } or { file: … }`,
    );
  else
    problems.error(
      "secret-plain",
      slot.at,
      `the value ${name} is written out in the environment`,
      `define ${name} as { env: … } or { file: … }`,
    );
  return undefined;
}
