import { copyOf, type DomName, type DomNode, namespaceOf, xmlnsUri, xmlUri } from "#notation/dom/node.ts";
import { declarationOf } from "#notation/dom/write.ts";
import { toText } from "#notation/xpath/values.ts";
import { type CompileElement, type Compiler, isQualifiedName, rawTexts, writeText } from "./compiler.ts";
import { failed } from "./failure.ts";
import { xslUri } from "./names.ts";
import type { Scene } from "./scene.ts";
import type { Instruction, TextRun } from "./stylesheet.ts";
import type { Task } from "./task.ts";
import { writingTo } from "./variables.ts";

const addRaw = (scene: Scene, text: string): void => {
  const node = scene.make("text", undefined, text);
  rawTexts.add(node);
  scene.out.insert(node);
};

function textWriter(compiler: Compiler, element: DomNode): (scene: Scene, text: string) => void {
  return compiler.isYes(element, "disable-output-escaping") === true ? addRaw : writeText;
}

export const text: CompileElement = (compiler, element) => {
  const content = compiler.contentOf(element);
  if (content.some(({ isText }) => !isText)) compiler.fail(element, "xsl:text has text only");
  const value = content.map((child) => child.value).join("");
  const write = textWriter(compiler, element);
  return (scene) => void write(scene, value) as undefined;
};

export const valueOf: CompileElement = (compiler, element) => {
  const select = compiler.expression(element, compiler.required(element, "select"));
  const write = textWriter(compiler, element);
  return (scene) => void write(scene, toText(scene.evaluate(select), scene.meter)) as undefined;
};

/** Content that becomes the text of something. */
function* textFrom(scene: Scene, body: Instruction, use: (text: string) => void): Task {
  const holder = scene.make("document");
  yield* writingTo(scene, holder, body);
  use(holder.children.map((child) => (child.isText ? child.value : "")).join(""));
}

export const comment: CompileElement = (compiler, element) => {
  const body = compiler.body(element);
  return (scene) =>
    textFrom(scene, body, (value) =>
      scene.out.insert(scene.make("comment", undefined, value.replaceAll("--", "- -").replace(/-$/, "- "))),
    );
};

export const instruction: CompileElement = (compiler, element) => {
  const name = compiler.valueTemplate(element, compiler.required(element, "name"));
  const body = compiler.body(element);
  return (scene) =>
    textFrom(scene, body, (value) => {
      const local = name(scene);
      if (!isQualifiedName(local) || local.includes(":") || /^xml$/i.test(local))
        failed("an instruction would have a name that is none");
      scene.out.insert(scene.make("instruction", { prefix: "", local, uri: "" }, value.replaceAll("?>", "? >")));
    });
};

export const element: CompileElement = (compiler, node) => {
  const nameFor = computedName(compiler, node, true);
  const sets = useSets(compiler, node, compiler.attribute(node, "use-attribute-sets"));
  const body = compiler.body(node);
  return (scene) => build(scene, scene.make("element", nameFor(scene)), sets, body);
};

export const attribute: CompileElement = (compiler, node) => {
  const nameFor = computedName(compiler, node, false);
  const body = compiler.body(node);
  return (scene) =>
    textFrom(scene, body, (value) => addAttribute(scene, scene.make("attribute", nameFor(scene), value)));
};

function addAttribute({ out, meter }: Scene, node: DomNode): void {
  // An attribute of a document is one without an element: there is no place for it.
  if (out.kind !== "element") return failed("an attribute would stand outside of an element");
  if (out.children.length > 0) return failed("an attribute would come after what is inside its element");
  // One of the same name is looked for among all that are there.
  meter.step(1 + Math.floor(out.attributes.length / 8));
  out.setAttribute(node);
}

/** The name of xsl:element and xsl:attribute, put together when it runs. @see XSLT 1.0 §7.1.2, §7.1.3 */
function computedName(compiler: Compiler, node: DomNode, isElement: boolean): (scene: Scene) => DomName {
  const name = compiler.valueTemplate(node, compiler.required(node, "name"));
  const namespace = compiler.template(node, "namespace");
  return (scene) => {
    const written = name(scene);
    if (!isQualifiedName(written) || written === "xmlns")
      return failed(`${isElement ? "an element" : "an attribute"} would have a name that is none`);
    const [first = "", second] = written.split(":", 2);
    const [prefix, local] = second === undefined ? ["", first] : [first, second];
    if (namespace === undefined) {
      const uri = prefix === "" && !isElement ? "" : namespaceOf(node, prefix);
      return uri === undefined ? failed("a name would have a prefix that is not declared") : { prefix, local, uri };
    }
    const uri = namespace(scene);
    if (uri === xmlnsUri) return failed("a name would be in the namespace of declarations");
    if (uri === "") return { prefix: "", local, uri };
    const usable = prefix === "xmlns" || prefix === "xml" ? "" : prefix;
    return { prefix: usable === "" && !isElement ? "ns0" : usable, local, uri };
  };
}

function useSets(compiler: Compiler, node: DomNode, names: string | undefined): readonly string[] {
  const sets = (names ?? "").split(/\s+/).filter((name) => name !== "");
  return sets.map((name) => {
    const expanded = compiler.expand(node, name);
    compiler.wantedSets.push([expanded, node]);
    return expanded;
  });
}

function* build(scene: Scene, node: DomNode, sets: readonly string[], body: Instruction): Task {
  scene.out.insert(node);
  yield* writingTo(scene, node, (inner) => inside(inner, sets, body));
}

function* inside(scene: Scene, sets: readonly string[], body: Instruction): Task {
  for (const name of sets) {
    const task = scene.engine.stylesheet.attributeSets.get(name)?.(scene);
    if (task !== undefined) yield task;
  }
  const task = body(scene);
  if (task !== undefined) yield task;
}

/** What xsl:attribute-set is: attributes, after those of the sets that it uses. */
export const attributeSet: CompileElement = (compiler, node) => {
  const sets = useSets(compiler, node, compiler.attribute(node, "use-attribute-sets"));
  const body = compiler.body(node);
  return (scene) => inside(scene, sets, body);
};

export const copy: CompileElement = (compiler, node) => {
  const sets = useSets(compiler, node, compiler.attribute(node, "use-attribute-sets"));
  const body = compiler.body(node);
  return (scene) => {
    const { current, meter } = scene;
    if (current.kind === "document") return body(scene);
    if (current.kind === "element") {
      const made = scene.make("element", current.name);
      declareAround(current, made, scene);
      return build(scene, made, sets, body);
    }
    put(scene, copyOf(current, false, meter));
    return undefined;
  };
};

export const copyOfInstruction: CompileElement = (compiler, node) => {
  const select = compiler.expression(node, compiler.required(node, "select"));
  return (scene) => {
    const value = scene.evaluate(select);
    if (typeof value !== "object") writeText(scene, toText(value, scene.meter));
    else for (const each of value) copyWhole(each, scene);
    return undefined;
  };
};

function copyWhole(node: DomNode, scene: Scene): void {
  if (node.kind === "document") {
    for (const child of node.children) copyWhole(child, scene);
    return;
  }
  const made = copyOf(node, true, scene.meter);
  if (rawTexts.has(node)) rawTexts.add(made);
  if (node.kind === "element") declareAround(node, made, scene);
  put(scene, made);
}

function put(scene: Scene, node: DomNode): void {
  if (node.kind === "attribute") addAttribute(scene, node);
  else if (node.kind === "text" && !rawTexts.has(node)) writeText(scene, node.value);
  else scene.out.insert(node);
}

/** What a copy was made of. */
const originals = new WeakMap<DomNode, DomNode>();

/**
 * A copy keeps the namespaces that are declared around it: a text inside may have a prefix. Inside a copy of its
 * parent those around are there already.
 */
function declareAround(from: DomNode, to: DomNode, scene: Scene): void {
  originals.set(to, from);
  const seen = new Set(to.attributes.filter(({ isNamespace }) => isNamespace).map(({ name }) => name.local));
  const end = originals.get(scene.out) === from.parent ? from.parent : null;
  for (let at: DomNode | null = from; at !== null && at !== end; at = at.parent) {
    scene.meter.step(1 + at.attributes.length);
    for (const { isNamespace, name, value } of at.attributes) {
      if (!isNamespace || seen.has(name.local)) continue;
      seen.add(name.local);
      if (isOtherDefault(to, name, value)) continue;
      const declaration = scene.make("attribute", name, value);
      declaration.parent = to;
      to.attributes.push(declaration);
    }
  }
}

/** An element in no namespace cannot declare a default one. */
function isOtherDefault(to: DomNode, name: DomName, value: string): boolean {
  const prefix = name.prefix === "" ? "" : name.local;
  return prefix === to.name.prefix && value !== to.name.uri;
}

/** An element of the stylesheet that stands for itself. @see XSLT 1.0 §7.1.1 */
export const literal: CompileElement = (compiler, node) => {
  const name = aliased(compiler, node.name);
  const declared = namespacesOf(compiler, node);
  const attributes = node.attributes
    .filter((each) => !each.isNamespace && each.name.uri !== xslUri)
    .map((each): readonly [DomName, TextRun] => [
      each.name.uri === "" ? each.name : aliased(compiler, each.name),
      compiler.valueTemplate(node, each.value),
    ]);
  const sets = useSets(compiler, node, node.attribute(xslUri, "use-attribute-sets")?.value);
  const body = compiler.body(node);
  return (scene) => {
    const made = scene.make("element", name);
    for (const [prefix, uri] of declared) made.setAttribute(scene.make("attribute", declarationOf(prefix), uri));
    const own: Instruction = (inner) => {
      for (const [each, value] of attributes) made.setAttribute(inner.make("attribute", each, value(inner)));
      return body(inner);
    };
    return build(scene, made, sets, own);
  };
};

function aliased({ aliases }: Compiler, name: DomName): DomName {
  const alias = aliases.get(name.uri);
  return alias === undefined ? name : { ...alias, local: name.local };
}

/** Namespaces that a literal element brings along: all that are declared around it but those left out on purpose. */
function namespacesOf(compiler: Compiler, node: DomNode): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const excluded = new Set([xslUri, xmlUri]);
  for (let at: DomNode | null = node; at !== null; at = at.parent) {
    const isXsl = at.name.uri === xslUri;
    for (const list of ["exclude-result-prefixes", "extension-element-prefixes"]) {
      for (const prefix of (at.attribute(isXsl ? "" : xslUri, list)?.value ?? "").split(/\s+/)) {
        const uri = prefix === "" ? undefined : namespaceOf(at, prefix === "#default" ? "" : prefix);
        if (uri !== undefined) excluded.add(uri);
      }
    }
    for (const { isNamespace, name, value } of at.attributes) {
      const prefix = name.prefix === "" ? "" : name.local;
      if (isNamespace && !found.has(prefix)) found.set(prefix, value);
    }
  }
  for (const [prefix, uri] of found) {
    const alias = compiler.aliases.get(uri);
    if (excluded.has(uri) || uri === "") found.delete(prefix);
    else if (alias !== undefined) {
      found.delete(prefix);
      if (alias.uri !== "") found.set(alias.prefix, alias.uri);
    }
  }
  return found;
}
