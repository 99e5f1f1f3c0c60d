import assert from "node:assert/strict";
import type { PolicyNode, Section } from "#model/policy-tree.ts";
import { readIn } from "#notation/xml/xml-reading.test-helper.ts";

/** One policy as API Management writes it, with what is assumed where it says nothing. */
export function policyFromXml(section: Section, text: string): PolicyNode {
  const { nodes, found } = readIn(section, text);
  assert.deepEqual(found, []);
  return nodes[0] as PolicyNode;
}

/** What is wrong with it, without the places: `code message`. */
export function problemsOfXml(section: Section, text: string): readonly string[] {
  return readIn(section, text).found.map((line) => line.replace(/^\S+ /, ""));
}
