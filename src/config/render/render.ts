import { resolve } from "node:path";
import { Document, isMap, type YAMLMap } from "yaml";
import { hashDefinition } from "#compile/canonical.ts";
import { compareDefinitions } from "#compile/comparison/compare.ts";
import type { Difference } from "#compile/comparison/difference.ts";
import type { Diagnostic } from "#model/diagnostic.ts";
import { Problems } from "#notation/problems.ts";
import { loadDefinition, type LoadOptions, loadWithParts } from "#config/load.ts";
import type { Parts } from "#config/read-parts.ts";
import { fillTree } from "./fill-tree.ts";
import { ownEnvironment } from "./own-environment.ts";

export interface Rendered {
  readonly environment: string;
  /** `hashDefinition`: of the definition in that environment, and of what is rendered. */
  readonly hash: string;
  /** YAML with the comments of the definition. */
  readonly yaml: string;
  /** The same without comments, which is a definition as well. */
  readonly json: string;
}

export type RenderResult =
  | { readonly kind: "rendered"; readonly rendered: Rendered; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "invalid"; readonly diagnostics: readonly Diagnostic[] }
  /** Read at its new place, it would not say the same: nobody should be given it. */
  | { readonly kind: "differs"; readonly diagnostics: readonly Diagnostic[]; readonly places: readonly Difference[] };

/**
 * A definition as one environment runs it: values filled in, what it extends and has of its own in place, secrets as
 * where they are read from. No secret is read. What is rendered is read again, and says the same or is not given.
 *
 * @param target where it is going to stand: files are named relative to it
 */
export async function renderDefinition(options: LoadOptions, target: string): Promise<RenderResult> {
  const { result, parts } = await loadWithParts({ ...options, withoutSecrets: true });
  const { definition, diagnostics } = result;
  if (definition === null || parts === undefined) return { kind: "invalid", diagnostics };
  const texts = result.documents.slice(1).map(({ text }) => text);
  const document = documentOf(parts, texts);
  const yaml = document.toString({ lineWidth: 0 });
  const json = `${JSON.stringify(document.toJS(), null, 2)}\n`;
  const hash = hashDefinition(definition);
  for (const text of [yaml, json]) {
    const again = await loadDefinition(readingInstead(options, target, text));
    if (again.definition === null || hashDefinition(again.definition) !== hash) {
      const places = again.definition === null ? [] : compareDefinitions(definition, again.definition);
      return { kind: "differs", diagnostics: again.diagnostics, places };
    }
  }
  return { kind: "rendered", rendered: { environment: definition.environment, hash, yaml, json }, diagnostics };
}

function documentOf(parts: Parts, texts: readonly string[]): Document {
  const { file, values, fills } = parts;
  const reading = { file, values, fills, problems: new Problems() };
  const document = new Document();
  const tree = fillTree(reading, parts.root) as YAMLMap;
  if (isMap(tree) && tree.has("environments")) {
    tree.delete("environments");
    const all = [...texts, new Document(tree).toString({ lineWidth: 0 })];
    tree.set("environments", ownEnvironment(reading, parts, values, all));
  }
  document.contents = tree;
  return document;
}

/** As it will be read: from there, with the one environment that it has. */
function readingInstead(options: LoadOptions, target: string, text: string): LoadOptions {
  const { variables, now } = options;
  const path = resolve(target);
  const readFile: LoadOptions["readFile"] = (name) =>
    name === path ? Promise.resolve(new TextEncoder().encode(text)) : options.readFile(name);
  return { file: path, variables, withoutSecrets: true, readFile, ...(now === undefined ? {} : { now }) };
}
