import type { SourcePosition } from "#model/diagnostic.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { ArgumentSpec } from "#notation/catalogue/spec.ts";
import { suggestion } from "#notation/nearest.ts";
import { type Place, placeInside } from "#notation/policies/place.ts";
import type { XmlElement } from "./document.ts";
import { isHole } from "./hole.ts";
import { placeInXml, shownInXml, type XmlPlace } from "./place-in-xml.ts";
import type { XmlReading } from "./reading.ts";
import { attributeSpelling } from "./spellings.ts";
import { readAttributeValue, readContent, readMarkup } from "./value.ts";

/** Arguments hold policies, and those hold arguments: the readers reach each other through this. */
export type ReadSequence = (
  reading: XmlReading,
  elements: readonly XmlElement[],
  place: Place,
) => readonly PolicyNode[];

/** What reading one policy's arguments goes by. */
export interface ElementReading extends XmlReading {
  readonly policy: string;
  readonly place: Place;
  readonly readSequence: ReadSequence;
}

interface Field {
  readonly name: string;
  readonly spec: ArgumentSpec;
  readonly place: XmlPlace;
}

interface Found {
  readonly args: Record<string, Argument>;
  readonly positions: Map<string, SourcePosition>;
  /** A deployment tool is to put something in: what is missing may be that. */
  hole: boolean;
}

export interface ReadElement {
  readonly args: Readonly<Record<string, Argument>>;
  /** Of the arguments that are written out. */
  readonly positions: ReadonlyMap<string, SourcePosition>;
  /** More is to come from a deployment tool. */
  readonly hole: boolean;
}

/** Reads the arguments that an element holds: attributes, children, text. Unknown ones are refused. */
export function readElement(
  reading: ElementReading,
  owner: string,
  specs: Readonly<Record<string, ArgumentSpec>>,
  element: XmlElement,
): ReadElement {
  const fields = Object.entries(specs).flatMap(([name, spec]) => {
    const place = placeInXml(name, spec);
    return place === null ? [] : [{ name, spec, place }];
  });
  const found: Found = { args: {}, positions: new Map(), hole: false };
  readLevel(reading, owner, fields, element, null, found);
  fillIn(reading, owner, specs, element, found);
  return found;
}

/** One element's own attributes and children; `wrapper` is its name when it only holds what belongs to the policy. */
function readLevel(
  reading: ElementReading,
  owner: string,
  fields: readonly Field[],
  element: XmlElement,
  wrapper: string | null,
  found: Found,
): void {
  const own = fields.filter(({ place }) => place.wrapper === wrapper);
  readAttributes(reading, owner, own, element, found);
  const wrappers = wrapper === null ? new Set(fields.map(({ place }) => place.wrapper)) : new Set<string | null>();
  const content = own.find(({ place }) => place.kind === "content");
  if (content !== undefined) {
    const value = readContent(reading, content.spec, element, owner);
    keep(found, content, value, reading.document.source.at(element.at));
    if (content.spec.xmlMarkup === "inner") return;
  }
  const policies = own.find(({ place }) => place.kind === "policies");
  const loose: XmlElement[] = [];
  for (const child of element.children) {
    if (child.kind === "text") {
      if (content !== undefined) continue;
      if (isHole(reading, owner, child.value)) found.hole = true;
      else reportText(reading, owner, child.value.start);
    } else if (wrappers.has(child.name)) {
      readLevel(reading, owner, fields, child, child.name, startLists(fields, child, found, reading));
    } else {
      const field = own.find(({ place }) => place.kind === "child" && place.name.split("|").includes(child.name));
      if (field !== undefined) readChild(reading, owner, field, child, found);
      else if (policies !== undefined) loose.push(child);
      else reportUnknown(reading, owner, child.name, child.at, childNames(fields, own, wrapper), "element");
    }
  }
  if (policies !== undefined) {
    const value = readPolicies(reading, policies.spec, loose);
    keep(found, policies, value, reading.document.source.at(element.at));
  }
}

function readAttributes(
  reading: ElementReading,
  owner: string,
  fields: readonly Field[],
  element: XmlElement,
  found: Found,
): void {
  const known = fields.filter(({ place }) => place.kind === "attribute");
  for (const { name: written, at, value } of element.attributes) {
    // Every policy may have an id; namespaces say nothing here.
    if (
      (written === "id" && isPolicy(owner) && !known.some(({ place }) => place.name === "id")) ||
      /^xmlns(:|$)/.test(written)
    )
      continue;
    const name = spelled(reading, owner, written, at);
    const field = known.find(({ place }) => place.name === name);
    if (field === undefined) {
      reportUnknown(
        reading,
        owner,
        written,
        at,
        known.map(({ place }) => place.name),
        "attribute",
      );
    } else {
      const position = reading.document.source.at(at);
      keep(found, field, readAttributeValue(reading, field.spec, value, `${owner}/@${name}`), position);
    }
  }
}

function refuseAttributes(reading: ElementReading, owner: string, element: XmlElement): void {
  readAttributes(reading, owner, [], element, { args: {}, positions: new Map(), hole: false });
}

function isPolicy(owner: string): boolean {
  return !owner.includes("/");
}

function spelled(reading: ElementReading, owner: string, name: string, at: number): string {
  const right = attributeSpelling(owner, name);
  if (right === undefined) return name;
  reading.problems.warn(
    "spelling-tolerated",
    reading.document.source.at(at),
    `${name} is read as ${right}`,
    `write ${right}`,
  );
  return right;
}

/** A wrapper that is there with nothing in it makes an empty list, not none. */
function startLists(fields: readonly Field[], child: XmlElement, found: Found, { document }: ElementReading): Found {
  for (const { name, spec, place } of fields) {
    if (place.wrapper !== child.name || spec.type !== "list" || child.attributes.length > 0) continue;
    found.args[name] ??= { kind: "list", items: [] };
    found.positions.set(name, document.source.at(child.at));
  }
  return found;
}

function readChild(reading: ElementReading, owner: string, field: Field, child: XmlElement, found: Found): void {
  const { name, spec, place } = field;
  const at = reading.document.source.at(child.at);
  if (spec.type === "list") {
    const item = readChildValue(reading, `${owner}/${child.name}`, spec.items ?? spec, child);
    const before = found.args[name];
    const items = before?.kind === "list" ? before.items : [];
    found.args[name] = { kind: "list", items: item === undefined ? items : [...items, item] };
    if (!found.positions.has(name)) found.positions.set(name, at);
  } else if (found.positions.has(name)) {
    reading.problems.error("argument-invalid", at, `${owner}: <${place.name}> stands twice`, "keep one of them");
  } else {
    keep(found, field, readChildValue(reading, `${owner}/${child.name}`, spec, child), at);
  }
}

function readChildValue(
  reading: ElementReading,
  owner: string,
  spec: ArgumentSpec,
  child: XmlElement,
): Argument | undefined {
  if (spec.type === "map") return { kind: "map", entries: readElement(reading, owner, spec.entries ?? {}, child).args };
  const elements = child.children.filter((node) => node.kind === "element");
  if (spec.type === "policies") {
    refuseAttributes(reading, owner, child);
    for (const node of child.children) {
      if (node.kind === "text" && !isHole(reading, owner, node.value)) reportText(reading, owner, node.value.start);
    }
    return readPolicies(reading, spec, elements);
  }
  if (spec.xmlMarkup === "outer") return readMarkup(reading, spec, child, { start: child.at, end: child.end }, owner);
  refuseAttributes(reading, owner, child);
  const [inner] = elements;
  if (inner !== undefined && spec.xmlMarkup !== "inner") {
    reportUnknown(reading, owner, inner.name, inner.at, [], "element");
    return undefined;
  }
  return readContent(reading, spec, child, owner);
}

function readPolicies(reading: ElementReading, spec: ArgumentSpec, elements: readonly XmlElement[]): Argument {
  const place = placeInside(reading.place, reading.policy, spec.only);
  return { kind: "policies", policies: reading.readSequence(reading, elements, place) };
}

function keep({ args, positions }: Found, { name }: Field, value: Argument | undefined, at: SourcePosition): void {
  positions.set(name, at);
  if (value !== undefined) args[name] = value;
}

/** Defaults, and what must be there and is not. */
function fillIn(
  { problems, document }: ElementReading,
  owner: string,
  specs: Readonly<Record<string, ArgumentSpec>>,
  element: XmlElement,
  { args, positions, hole }: Found,
): void {
  for (const [name, spec] of Object.entries(specs)) {
    if (positions.has(name)) continue;
    if (spec.default !== undefined) args[name] = { kind: "literal", value: spec.default };
    else if (spec.required === true && spec.xml !== null && !hole) {
      const what = shownInXml(name, spec);
      const about = spec.summary.replace(/\.$/, "");
      problems.error("key-missing", document.source.at(element.at), `${owner} lacks ${what}`, `add ${what} (${about})`);
    }
  }
}

function childNames(fields: readonly Field[], own: readonly Field[], wrapper: string | null): readonly string[] {
  const children = own.filter(({ place }) => place.kind === "child").map(({ place }) => place.name);
  const wrappers = wrapper === null ? fields.map(({ place }) => place.wrapper) : [];
  return [...new Set([...children, ...wrappers.filter((name) => name !== null)])];
}

function reportUnknown(
  { problems, document }: XmlReading,
  owner: string,
  name: string,
  at: number,
  known: readonly string[],
  what: "attribute" | "element",
): void {
  const show = (one: string): string => (what === "attribute" ? one : `<${one}>`);
  const fix = suggestion(name, known, show) ?? "remove it";
  problems.error("key-unknown", document.source.at(at), `${owner} has no ${what} ${name.slice(0, 80)}`, fix);
}

function reportText({ problems, document }: XmlReading, owner: string, at: number): void {
  problems.error(
    "type-wrong",
    document.source.at(at),
    `${owner} takes no text between its tags`,
    "remove it, or make it a comment",
  );
}
