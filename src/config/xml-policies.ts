import type { PolicyDocument, PolicyNode, Scope } from "#model/policy-tree.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import type { XmlDocument } from "#notation/xml/document.ts";
import { readXmlPolicies } from "#notation/xml/policies.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { DefinitionFragments } from "./fragments.ts";
import type { PolicyFiles } from "./policy-files.ts";
import { xmlReading } from "./xml-reading.ts";

export interface DefinitionReading extends PolicyReading {
  readonly fragments: DefinitionFragments;
}

/** A reading for which the definition's fragments and policy files are at hand. */
export function withPolicyFiles(plain: PolicyReading, root: Slot, files: PolicyFiles): DefinitionReading {
  const fragments = new DefinitionFragments(plain, root, files);
  const reading: DefinitionReading = { ...plain, fragments, readPolicyFile: policyFileReader(() => reading, files) };
  return reading;
}

/** Reads policy documents by name, as part of a reading that has this reader itself. */
export function policyFileReader(
  readingOf: () => PolicyReading,
  files: PolicyFiles,
): (name: string, scope: Scope) => PolicyDocument {
  const read = new Map<string, PolicyDocument>();
  return readPolicyFile;

  /** Once for each scope: operations that name the same file share its nodes, and so their chain. */
  function readPolicyFile(name: string, scope: Scope): PolicyDocument {
    const key = `${scope} ${name}`;
    let document = read.get(key);
    if (document === undefined) read.set(key, (document = readFile(name, scope)));
    return document;
  }

  function readFile(name: string, scope: Scope): PolicyDocument {
    const document = files.get(name);
    if (document === undefined || document === null) return {};
    const policies = readXmlPolicies(xmlReading(readingOf()), document, scope);
    return policies.backend?.length === 0 ? { ...policies, backend: [nothing(document)] } : policies;
  }
}

/**
 * In API Management an empty backend section calls no backend. In YAML that is refused, as it may well be a slip; a
 * document that comes from there means it.
 */
function nothing({ source, root }: XmlDocument): PolicyNode {
  return { name: "choose", at: source.at(root.at), args: { when: { kind: "list", items: [] } } };
}
