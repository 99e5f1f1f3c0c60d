import { type Export, putInformation } from "./export.ts";

/** Values of the environment. Of a secret its place goes along, if that is a vault: its text never does. */
export function exportNamedValues(context: Export): void {
  const { open, report } = context;
  for (const value of open.values) {
    const path = `named values/${value.name}/namedValueInformation.json`;
    const from = `environments.${context.definition.environment}.values.${value.name}`;
    if (!value.secret) putInformation(context, path, { displayName: value.name, secret: false, value: value.value });
    else if (value.vault === null) putSecretValue(context, value.name);
    else {
      const { secretIdentifier, identityClientId } = value.vault;
      const keyVault = { secretIdentifier, ...(identityClientId === "" ? {} : { identityClientId }) };
      putInformation(context, path, { displayName: value.name, secret: true, keyVault });
    }
    if (!value.secret && /^\s*@[({]/.test(value.value)) {
      report.change(from, "begins like an expression: policies that name it evaluate it there");
    }
    report.map(from, path);
  }
}

/** A named value whose text has to be put there by its owner. @returns how it is named in other places */
export function putSecretValue(context: Export, words: string): string {
  const name = words.replaceAll(/[^A-Za-z0-9._-]+/g, "-");
  putInformation(context, `named values/${name}/namedValueInformation.json`, { displayName: name, secret: true });
  context.report.change(
    `named values/${name}`,
    "is a secret: its text is to be given there, by a vault or the deployment",
  );
  return `{{${name}}}`;
}
