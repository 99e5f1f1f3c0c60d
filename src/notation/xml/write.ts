import type { Argument, PolicyDocument, PolicyNode, Value } from "#model/policy-tree.ts";
import { sections } from "#model/policy-tree.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import type { ArgumentSpec } from "#notation/catalogue/spec.ts";
import { Problems } from "#notation/problems.ts";
import { escapeAttribute } from "./escape.ts";
import { placeInXml, type XmlPlace } from "./place-in-xml.ts";
import { scanXml } from "./scan.ts";
import { Unwritable } from "./unwritable.ts";
import { writeAttribute, writeContent, writeMarkup, type XmlForm } from "./write-value.ts";
import { XmlWriter } from "./writer.ts";

export interface WrittenXml {
  readonly text: string;
  /** What could not be written, and where it stands in the definition. The text lacks it. */
  readonly problems: readonly { readonly at: SourcePosition; readonly message: string }[];
}

interface Field {
  readonly spec: ArgumentSpec;
  readonly place: XmlPlace;
  readonly argument: Argument;
}

/**
 * Writes the policies of one scope as API Management has them. What is read from the text is the tree again.
 * @param form `xml`: well-formed; `rawxml`: C# as it stands, as people write it
 */
export function writeXmlPolicies(document: PolicyDocument, form: XmlForm): WrittenXml {
  return write(form, (scribe) => {
    const written = sections.flatMap((name) => {
      const policies = document[name];
      return policies === undefined ? [] : [() => scribe.out.element(name, [], scribe.policies(policies))];
    });
    scribe.out.element("policies", [], written);
  });
}

/** The same of a fragment. */
export function writeXmlFragment(policies: readonly PolicyNode[], form: XmlForm): WrittenXml {
  return write(form, (scribe) => scribe.out.element("fragment", [], scribe.policies(policies)));
}

function write(form: XmlForm, content: (scribe: Scribe) => void): WrittenXml {
  const scribe = new Scribe(form);
  content(scribe);
  const written = { text: scribe.out.text, problems: scribe.problems };
  // Nothing raw in it: a reader takes it for xml, and its entities for escapes.
  if (form === "xml" || scanXml("written", written.text, new Problems())?.form !== "xml") return written;
  return write("xml", content);
}

class Scribe {
  readonly out = new XmlWriter();
  readonly problems: { at: SourcePosition; message: string }[] = [];
  readonly #form: XmlForm;

  constructor(form: XmlForm) {
    this.#form = form;
  }

  policies(nodes: readonly PolicyNode[]): readonly (() => void)[] {
    return nodes.map((node) => () => this.#policy(node));
  }

  #policy(node: PolicyNode): void {
    const spec = catalogue.get(node.name);
    if (spec === undefined || spec.native === true) {
      this.problems.push({ at: node.at, message: `API Management has no policy ${node.name}` });
      return;
    }
    const id = node.id === undefined ? [] : [`id="${escapeAttribute(node.id, false)}"`];
    this.#element(node.name, id, spec.args, node.args, node);
  }

  #element(
    name: string,
    first: readonly string[],
    specs: Readonly<Record<string, ArgumentSpec>>,
    args: Readonly<Record<string, Argument>>,
    node: PolicyNode,
  ): void {
    const fields = Object.entries(specs).flatMap(([argumentName, spec]) => this.#field(argumentName, spec, args, node));
    const own = fields.filter(({ place }) => place.wrapper === null);
    const attributes = [...first, ...this.#attributes(own, node)];
    const content = own.find(({ place }) => place.kind === "content");
    if (content !== undefined) {
      const text = this.#try(node, () => writeContent(content.spec, content.argument as Value, this.#form)) ?? "";
      this.out.content(name, attributes, text);
      return;
    }
    const wrappers = [...new Set(fields.map(({ place }) => place.wrapper))].filter((wrapper) => wrapper !== null);
    this.out.element(name, attributes, [
      ...wrappers.map((wrapper) => () => this.#wrapper(wrapper, fields, node)),
      ...own.flatMap((field) => this.#children(field, node)),
    ]);
  }

  /** What is at its default is left out. */
  #field(
    name: string,
    spec: ArgumentSpec,
    args: Readonly<Record<string, Argument>>,
    node: PolicyNode,
  ): readonly Field[] {
    const argument = args[name];
    if (argument === undefined) return [];
    if (argument.kind === "literal" && argument.value === spec.default) return [];
    const place = placeInXml(name, spec);
    if (place !== null) return [{ spec, place, argument }];
    this.problems.push({ at: node.at, message: `${node.name}: API Management has no ${name}` });
    return [];
  }

  #attributes(fields: readonly Field[], node: PolicyNode): readonly string[] {
    const attributes = fields.filter(({ place }) => place.kind === "attribute");
    return attributes.flatMap(({ place, spec, argument }) => {
      return this.#try(node, () => writeAttribute(place.name, spec, argument as Value, this.#form)) ?? [];
    });
  }

  #wrapper(name: string, fields: readonly Field[], node: PolicyNode): void {
    const inside = fields.filter(({ place }) => place.wrapper === name);
    this.out.element(
      name,
      this.#attributes(inside, node),
      inside.flatMap((field) => this.#children(field, node)),
    );
  }

  #children({ spec, place, argument }: Field, node: PolicyNode): readonly (() => void)[] {
    if (place.kind === "policies") return argument.kind === "policies" ? this.policies(argument.policies) : [];
    if (place.kind !== "child") return [];
    if (argument.kind !== "list") return [() => this.#child(place.name, spec, argument, node)];
    const items = spec.items ?? spec;
    return argument.items.map((item) => () => this.#child(place.name, items, item, node));
  }

  #child(name: string, spec: ArgumentSpec, argument: Argument, node: PolicyNode): void {
    if (argument.kind === "map") return this.#element(name, [], spec.entries ?? {}, argument.entries, node);
    if (argument.kind === "policies") return this.out.element(name, [], this.policies(argument.policies));
    if (argument.kind === "list") return;
    const outer = spec.xmlMarkup === "outer";
    const text = this.#try(node, () =>
      outer ? writeMarkup(spec, argument) : writeContent(spec, argument, this.#form),
    );
    if (text === undefined) return;
    if (outer) this.out.markup(text);
    else this.out.content(name, [], text);
  }

  #try(node: PolicyNode, make: () => string): string | undefined {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof Unwritable)) throw error;
      this.problems.push({ at: node.at, message: `${node.name} cannot be written: ${error.message}` });
      return undefined;
    }
  }
}
