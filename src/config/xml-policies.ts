import type { PolicyDocument, Scope } from "#model/policy-tree.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { readXmlPolicies } from "#notation/xml/policies.ts";
import type { XmlPolicyReading } from "#notation/xml/reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { DefinitionFragments } from "./fragments.ts";
import type { PolicyFiles } from "./policy-files.ts";

export interface DefinitionReading extends PolicyReading {
  readonly fragments: DefinitionFragments;
}

/** A reading for which the definition's fragments and policy files are at hand. */
export function withPolicyFiles(plain: PolicyReading, root: Slot, files: PolicyFiles): DefinitionReading {
  const fragments = new DefinitionFragments(plain, root, files);
  const reading: DefinitionReading = { ...plain, fragments, readPolicyFile };
  return reading;

  function readPolicyFile(name: string, scope: Scope): PolicyDocument {
    const document = files.get(name);
    return document === undefined || document === null ? {} : readXmlPolicies(xmlReading(reading), document, scope);
  }
}

function xmlReading({
  problems,
  catalogue,
  values,
  onArgument,
  fragments,
  checkCsharp,
}: PolicyReading): XmlPolicyReading {
  return { problems, catalogue, values, onArgument, fragments, checkCsharp, open: false };
}
