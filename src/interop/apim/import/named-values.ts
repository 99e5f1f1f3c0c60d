import { parseVaultSecret } from "#model/key-vault.ts";
import type { EnvironmentValue } from "./environments.ts";
import { tokenOf } from "./environments.ts";
import type { Import } from "./import.ts";
import { type Information, resourcesOf } from "./information.ts";
import { variableName } from "./names.ts";

const usable = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** Named values become values of the environments; what is secret is looked for in environment variables. */
export function importNamedValues(context: Import, given: Readonly<Record<string, string>>): void {
  const { environments, report } = context;
  for (const { id, path, information } of resourcesOf(context, "named values", "namedValueInformation.json")) {
    const name = information.text("displayName") ?? id;
    if (!usable.test(name)) {
      report.refuse(path, `the named value ${name} cannot be the name of a value: rename it in the policies`);
      continue;
    }
    for (const environment of environments.names) {
      const own = information.with(environments.override(environment, "namedValues", id));
      environments.set(environment, name, valueOf(context, name, path, own, given[name]));
    }
    report.map(path, `environments.*.values.${name}`);
  }
  addMissing(context, given);
}

function valueOf(
  { report }: Import,
  name: string,
  path: string,
  own: Information,
  given: string | undefined,
): EnvironmentValue {
  const need = (variable: string, message: string): EnvironmentValue => {
    report.need(variable, path, message);
    return { env: variable };
  };
  const keyVault = own.inner("keyVault");
  const vault = keyVault.text("secretIdentifier");
  const value = own.text("value");
  const token = value === undefined ? undefined : tokenOf(value);
  if (token !== undefined) return need(token, `value of ${name}, which a deployment filled in`);
  if (vault !== undefined && parseVaultSecret(vault) !== undefined) {
    const identityClientId = keyVault.text("identityClientId");
    return {
      keyVault: { secretIdentifier: vault, ...(identityClientId === undefined ? {} : { identityClientId }) },
    };
  }
  if (vault !== undefined) return need(variableName(name), `secret value of ${name}, from ${vault}`);
  // Arguments of a command are no place for secrets, so --set does not give one.
  if (own.flag("secret") === true) return need(variableName(name), `secret value of ${name}`);
  if (value !== undefined && isCertificate(value)) {
    return need(variableName(name), `certificate or key in ${name}: better under certificates, by name`);
  }
  if (given !== undefined) return given;
  if (value === undefined) return need(variableName(name), `value of ${name}, which the folder does not have`);
  return value.includes("{{") ? need(variableName(name), `value of ${name}, which is made of other values`) : value;
}

/** PEM, or PKCS#12 in base64. A key in it would stand in the definition for everybody to read. */
function isCertificate(value: string): boolean {
  return /-----BEGIN [A-Z ]+-----/.test(value) || /^\s*MI[I-M][A-Za-z0-9+/\s]{400,}={0,2}\s*$/.test(value);
}

/** Values that policies ask for and that the folder does not have: from the command line, else from the environment. */
function addMissing({ artifacts, environments, report }: Import, given: Readonly<Record<string, string>>): void {
  for (const [path, text] of artifacts.texts) {
    for (const name of path.endsWith(".xml") ? valuesAskedFor(text) : []) {
      for (const environment of environments.names) {
        if (environments.values.get(environment)?.has(name) !== false) continue;
        const value = given[name] ?? { env: variableName(name) };
        environments.set(environment, name, value);
        if (typeof value === "object" && "env" in value)
          report.need(value.env, path, `value of ${name}, which the folder does not have`);
      }
    }
  }
}

/** In a document with Liquid, double braces may as well be Liquid's: there, only given ones count. */
export function valuesAskedFor(text: string): readonly string[] {
  if (/template\s*=\s*["']liquid/i.test(text)) return [];
  const names = [...text.replaceAll(/<!--[\s\S]*?-->/g, "").matchAll(/\{\{([^{}]{1,80})\}\}/g)].map(
    ([, name = ""]) => name,
  );
  return [...new Set(names)].filter((name) => usable.test(name));
}
