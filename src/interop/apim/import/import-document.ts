import { Certificates, useNamed } from "./certificates.ts";
import { DefinitionDraft } from "./draft.ts";
import { definitionText } from "./definition-text.ts";
import { Environments } from "./environments.ts";
import type { Imported } from "./import-folder.ts";
import { ImportReport } from "./import-report.ts";
import { isPolicyDocument } from "#interop/apim/policy-document.ts";
import { plainName, variableName } from "./names.ts";
import { valuesAskedFor } from "./named-values.ts";

/**
 * A definition around one policy document: an API that asks for a key, with these policies, or a fragment. Where it
 * leads is for its owner to say.
 * @param name of the file, without its endings
 * @returns a message when the text is no policy document
 */
export function importDocument(name: string, text: string, given: Readonly<Record<string, string>>): Imported | string {
  if (!isPolicyDocument(text)) return "is no policy document";
  const report = new ImportReport();
  const draft = new DefinitionDraft();
  const environments = new Environments(new Map(), report);
  const id = plainName(name);
  const [environment = ""] = environments.names;
  for (const value of valuesAskedFor(text)) {
    const found = given[value] ?? { env: variableName(value) };
    environments.set(environment, value, found);
    if (typeof found !== "string") report.need(found.env, name, `value of ${value}`);
  }
  useNamed(new Certificates(draft, report), text, name);
  const policies = draft.file(`${id}.xml`, text);
  if (/<fragment[\s>/]/.test(text) && !/<policies[\s>/]/.test(text)) {
    draft.put("fragments", id, policies, [`${name}: includes nothing by itself`]);
    report.map(name, `fragments.${id}`);
  } else {
    draft.put("apis", id, { path: `/${id}`, subscriptionKey: { forward: true }, policies }, [`the API of ${name}`]);
    draft.put("products", `${id}-keys`, { apis: [id], subscription: "key" }, [`keys for ${id}`]);
    report.map(name, `apis.${id}.policies`);
    report.need(`apis.${id}.backend`, name, "the backend, unless its policies choose one or answer");
  }
  const files = new Map([["sallyport.yaml", definitionText(draft, environments)], ...draft.files]);
  return { files, secrets: draft.secrets, environments: environments.names, report };
}
