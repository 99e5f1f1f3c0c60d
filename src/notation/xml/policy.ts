import type { SourcePosition } from "#model/diagnostic.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { PolicySpec } from "#notation/catalogue/spec.ts";
import { suggestion } from "#notation/nearest.ts";
import { checkPlace } from "#notation/policies/check-place.ts";
import { checkSupport } from "#notation/policies/check-support.ts";
import { withFragments } from "#notation/policies/fragments.ts";
import { hideSecrets } from "#notation/policies/hide-secrets.ts";
import { maxPolicyDepth, type Place } from "#notation/policies/place.ts";
import { type ReadElement, readElement } from "./arguments.ts";
import type { XmlElement } from "./document.ts";
import { decodeEntities } from "./entities.ts";
import { shownInXml } from "./place-in-xml.ts";
import type { XmlReading } from "./reading.ts";
import { policySpelling } from "./spellings.ts";
import { resolverProblem } from "./resolver-elements.ts";

/** Reads policies that stand one after the other. */
export function readSequence(
  reading: XmlReading,
  elements: readonly XmlElement[],
  place: Place,
): readonly PolicyNode[] {
  const [first] = elements;
  if (first !== undefined && place.depth > maxPolicyDepth) {
    const at = reading.document.source.at(first.at);
    reading.problems.error("policy-misplaced", at, `policies are nested more than ${maxPolicyDepth} deep`);
    return [];
  }
  return elements.flatMap((element) => {
    const node = element.name === "base" ? readBase(reading, element, place) : readPolicy(reading, element, place);
    const { fragments } = reading;
    if (fragments === null || node === undefined) return node ?? [];
    return withFragments({ problems: reading.problems, fragments }, node, place);
  });
}

/** `base` is where the next broader scope's section runs. In the global scope it runs nothing, and stands there. */
function readBase({ problems, document }: XmlReading, element: XmlElement, place: Place): PolicyNode | undefined {
  const at = document.source.at(element.at);
  if (place.inside !== null) {
    problems.error("base-misplaced", at, `base cannot stand inside ${place.inside}`, "move it to the section itself");
  } else if (place.section === null) {
    problems.error("fragment-nested", at, "base cannot stand in a fragment", "move it to the section that includes it");
  } else if (place.seen.has("base")) {
    problems.error("base-misplaced", at, `base stands twice in ${place.section}`, "keep one of them");
  }
  const [extra] = [...element.attributes.filter(({ name }) => name !== "id"), ...element.children];
  if (extra !== undefined) problems.error("key-unknown", at, "base takes no arguments", "write <base />");
  place.seen.add("base");
  return { name: "base", at, args: {} };
}

function readPolicy(reading: XmlReading, element: XmlElement, place: Place): PolicyNode | undefined {
  const { problems, document } = reading;
  const at = document.source.at(element.at);
  const name = policySpelling(element.name) ?? element.name;
  if (name !== element.name) {
    problems.warn("spelling-tolerated", at, `${element.name} is read as ${name}`, `write ${name}`);
  }
  const spec = reading.catalogue.get(name);
  if (spec === undefined || spec.native === true) return reportUnknown(reading, name, at, place);
  checkPlace(problems, spec, at, place);
  place.seen.add(name);
  const before = problems.errorCount;
  const keepsBraces =
    "template" in spec.args && attributeText(reading, element, "template").trim().toLowerCase() === "liquid";
  // The fragment that a name brings in is policies.
  const fixed = name === "include-fragment" ? { fixed: "the name of a fragment" } : {};
  const inner = { ...reading, ...fixed, keepsBraces, policy: name, place, readSequence };
  const read = readElement(inner, name, spec.args, element);
  const args = spec.fromXml?.(read.args) ?? read.args;
  const idle = spec.idleInXml?.(args);
  if (idle !== undefined) {
    problems.warn("setting-unused", at, `${name} does nothing here: ${idle}`, "remove it");
    return undefined;
  }
  // A rule over several arguments says nothing of use while one of them is wrong by itself.
  if (problems.errorCount === before && !read.hole) checkTogether(reading, spec, { ...read, args }, at);
  checkSupport(problems, spec, args, at, (argument) => read.positions.get(argument), reading.open);
  for (const [argument, position] of read.positions) {
    const value = args[argument];
    if (value !== undefined) reading.onArgument({ policy: name, argument, value, at: position, args });
  }
  const id = element.attributes.some((attribute) => attribute.name === "id")
    ? { id: attributeText(reading, element, "id") }
    : {};
  return { name, ...id, at, args };
}

function attributeText({ document }: XmlReading, element: XmlElement, name: string): string {
  const value = element.attributes.find((attribute) => attribute.name === name)?.value;
  return value === undefined ? "" : decodeEntities(document.source.text.slice(value.start, value.end));
}

function checkTogether({ problems, open }: XmlReading, spec: PolicySpec, read: ReadElement, at: SourcePosition): void {
  const wrong = spec.check?.(read.args);
  if (wrong === undefined) return;
  const blamed = read.args[wrong.argument];
  if (open && blamed?.kind === "literal" && blamed.value === "") {
    const shown = spec.args[wrong.argument];
    const owner = shown === undefined ? spec.name : `${spec.name}: ${shownInXml(wrong.argument, shown)}`;
    problems.warn("template-hole", at, `${owner} is empty, and is to be filled in before`, "write its value");
    return;
  }
  const message = hideSecrets(wrong.message, Object.values(read.args));
  problems.error(
    "argument-invalid",
    linesBelow(read.positions.get(wrong.argument) ?? at, wrong.linesBelow ?? 0),
    `${spec.name}: ${inWordsOfXml(spec, wrong.argument, message)}`,
  );
}

function linesBelow(at: SourcePosition, lines: number): SourcePosition {
  return lines === 0 ? at : { ...at, line: at.line + lines, column: 1 };
}

/** The rules speak of arguments by the names that YAML has for them. */
function inWordsOfXml(spec: PolicySpec, argument: string, message: string): string {
  const named = Object.entries(spec.args).filter(([name]) => /[A-Z]/.test(name));
  const text = named.reduce(
    (said, [name, argumentSpec]) => said.replaceAll(new RegExp(`\\b${name}\\b`, "g"), shownInXml(name, argumentSpec)),
    message,
  );
  const blamed = spec.args[argument];
  return blamed === undefined ? text : `${shownInXml(argument, blamed)} ${text}`;
}

function reportUnknown(reading: XmlReading, name: string, at: SourcePosition, { only }: Place): undefined {
  const resolver = resolverProblem(name);
  if (resolver !== undefined) {
    reading.problems.error("policy-unsupported", at, resolver.message, resolver.fix);
    return;
  }
  const known =
    only ?? [...reading.catalogue.values()].filter(({ native }) => native !== true).map((spec) => spec.name);
  const fix = suggestion(name, known, (one) => `<${one}>`);
  reading.problems.error("policy-unknown", at, `there is no policy ${name.slice(0, 80)}`, fix);
}
