import { type PolicyDocument, type PolicyNode, type Scope, type Section, sections } from "#model/policy-tree.ts";
import { suggestion } from "#notation/nearest.ts";
import type { Place } from "#notation/policies/place.ts";
import type { XmlDocument, XmlElement } from "./document.ts";
import { isHole } from "./hole.ts";
import { readSequence } from "./policy.ts";
import { resolverProblem } from "./resolver-elements.ts";
import type { XmlPolicyReading, XmlReading } from "./reading.ts";

/** Reads a document with the root `policies`. @param scope null: not known, the document is looked at by itself */
export function readXmlPolicies(
  policyReading: XmlPolicyReading,
  document: XmlDocument,
  scope: Scope | null,
): PolicyDocument {
  const reading: XmlReading = { ...policyReading, document, keepsBraces: false };
  const found: Partial<Record<Section, readonly PolicyNode[]>> = {};
  for (const element of rootChildren(reading, "policies")) {
    const at = document.source.at(element.at);
    const section = sections.find((name) => name === element.name);
    if (section === undefined) {
      const fix = suggestion(element.name, sections, (name) => `<${name}>`);
      reading.problems.error("key-unknown", at, `there is no section ${element.name}`, fix);
    } else if (found[section] !== undefined) {
      reading.problems.error("policy-repeated", at, `the section ${section} stands twice`, "keep one of them");
    } else {
      reportAttributes(reading, element);
      found[section] = readSequence(reading, elementsOf(reading, element), placeIn(section, scope));
    }
  }
  return found;
}

/** Reads a document with the root `fragment`, for one place; its names count as that place's. */
export function readXmlFragment(
  policyReading: XmlPolicyReading,
  document: XmlDocument,
  place: Place,
): readonly PolicyNode[] {
  const reading: XmlReading = { ...policyReading, document, keepsBraces: false };
  const elements = rootChildren(reading, "fragment");
  const nested = elements.find(({ name }) => name === "base" || name === "include-fragment");
  if (nested !== undefined) {
    const at = document.source.at(nested.at);
    reading.problems.error(
      "fragment-nested",
      at,
      `${nested.name} cannot stand in a fragment`,
      "move it to the section that includes it",
    );
    return [];
  }
  return readSequence(reading, elements, place);
}

function placeIn(section: Section | null, scope: Scope | null): Place {
  return { section, scope, inside: null, only: null, seen: new Set<string>(), depth: 0 };
}

function rootChildren(reading: XmlReading, name: "policies" | "fragment"): readonly XmlElement[] {
  const { root, source } = reading.document;
  if (root.name !== name) {
    const resolver = resolverProblem(root.name);
    if (resolver !== undefined) {
      reading.problems.error("policy-unsupported", source.at(root.at), resolver.message, resolver.fix);
      return [];
    }
    const message = `<${root.name}> stands here; <${name}> is due`;
    reading.problems.error("type-wrong", source.at(root.at), message);
    return [];
  }
  reportAttributes(reading, root);
  return elementsOf(reading, root);
}

function elementsOf(reading: XmlReading, element: XmlElement): readonly XmlElement[] {
  const { problems, document } = reading;
  for (const child of element.children) {
    if (child.kind === "element" || isHole(reading, element.name, child.value)) continue;
    const at = document.source.at(child.value.start);
    problems.error(
      "type-wrong",
      at,
      `${element.name} holds policies, and this is text`,
      "remove it, or make it a comment",
    );
  }
  return element.children.filter((child) => child.kind === "element");
}

function reportAttributes({ problems, document }: XmlReading, element: XmlElement): void {
  for (const { name, at } of element.attributes) {
    if (/^(xmlns(:|$)|id$)/.test(name)) continue;
    problems.error("key-unknown", document.source.at(at), `${element.name} has no attribute ${name}`, "remove it");
  }
}
