import { atOnce, type Steps } from "#lib/slices.ts";
import type { Meter } from "#notation/dom/meter.ts";
import { DomNode, numberTree, textOf, topOf, walk } from "#notation/dom/node.ts";
import { readDom } from "#notation/dom/read.ts";
import { inOrder } from "#notation/xpath/compile.ts";
import { toText, type Value } from "#notation/xpath/values.ts";
import { applyTo } from "./apply.ts";
import { failed } from "./failure.ts";
import { type Engine, Scene } from "./scene.ts";
import { serialize, type Written } from "./serialize.ts";
import type { Stylesheet } from "./stylesheet.ts";
import { perform } from "./task.ts";
import { evaluateSource } from "./variables.ts";

export interface TransformLimits {
  /** Nodes looked at, all in all. */
  readonly steps: number;
  /** Nodes looked at without leaving the thread to others: one expression cannot be left while it is looked at. */
  readonly stepsAtOnce: number;
  /** Bytes of nodes and texts made, whether or not they are still alive. */
  readonly bytes: number;
  /** Longest result, UTF-16 units. */
  readonly maxUnits: number;
}

/**
 * Transforms a document, in steps.
 * @param given texts for parameters of the stylesheet; others of them are left out
 * @throws TransformFailure, XPathProblem; neither tells anything of the document
 */
export function* transform(
  stylesheet: Stylesheet,
  text: string,
  given: ReadonlyMap<string, string>,
  limits: TransformLimits,
): Steps<Written> {
  const meter = new TransformMeter(limits);
  const source = yield* readDom(text, {
    meter,
    keepsBlanks: true,
    keepsDeclaration: false,
    fail: (message) =>
      failed(message.includes("DTD") ? "the body has a document type" : "the body is no well-formed XML"),
  });
  stripSpace(source, stylesheet, meter);
  meter.rest();
  const engine = new Transformation(stylesheet, meter, source, given);
  const result = new DomNode("document", meter);
  const scene = new Scene(engine, source, 1, 1, "", null, result);
  yield* perform(applyTo([source], "", new Map(), scene), () => meter.rest());
  return yield* serialize(result, stylesheet.output, limits.maxUnits);
}

function stripSpace(document: DomNode, { strips }: Stylesheet, meter: Meter): void {
  for (const node of walk(document, meter)) {
    if (node.kind !== "element" || !strips(node)) continue;
    const kept = node.children.filter((child) => child.kind !== "text" || child.value.trim() !== "");
    if (kept.length === node.children.length) continue;
    node.children = kept;
    document.isNumbered = false;
  }
}

class TransformMeter implements Meter {
  readonly #atOnce: number;
  #steps: number;
  #bytes: number;
  #stretch: number;

  constructor({ steps, stepsAtOnce, bytes }: TransformLimits) {
    this.#steps = steps;
    this.#bytes = bytes;
    this.#atOnce = stepsAtOnce;
    this.#stretch = stepsAtOnce;
  }

  step(count = 1): void {
    this.#steps -= count;
    this.#stretch -= count;
    if (this.#steps < 0 || this.#stretch < 0) failed("the transformation takes too many steps");
  }

  charge(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes < 0) failed("the transformation makes too much data");
  }

  /** Others have had their turn. */
  rest(): void {
    this.#stretch = this.#atOnce;
  }
}

type KeyIndex = ReadonlyMap<string, readonly DomNode[]>;

class Transformation implements Engine {
  readonly stylesheet: Stylesheet;
  readonly meter: Meter;
  readonly #source: DomNode;
  readonly #given: ReadonlyMap<string, string>;
  readonly #globals = new Map<string, Value>();
  readonly #open = new Set<string>();
  readonly #indexes = new Map<DomNode, Map<string, KeyIndex>>();
  readonly #ids = new Map<DomNode, string>();

  constructor(stylesheet: Stylesheet, meter: Meter, source: DomNode, given: ReadonlyMap<string, string>) {
    this.stylesheet = stylesheet;
    this.meter = meter;
    this.#source = source;
    this.#given = given;
  }

  /** Found when it is first asked for: they may use one another in any order. */
  global(name: string): Value {
    const known = this.#globals.get(name) ?? this.#givenTo(name);
    if (known !== undefined) return known;
    const source = this.stylesheet.globals.get(name) ?? failed("there is no variable of that name");
    if (this.#open.has(name)) return failed("a variable is made of itself");
    this.#open.add(name);
    let found: Value = "";
    const scene = new Scene(this, this.#source, 1, 1, "", null, new DomNode("document", this.meter));
    atOnce(
      perform(
        evaluateSource(source, scene, (value) => void (found = value)),
        () => undefined,
      ),
    );
    this.#open.delete(name);
    this.#globals.set(name, found);
    return found;
  }

  #givenTo(name: string): string | undefined {
    return this.stylesheet.parameters.has(name) ? this.#given.get(name) : undefined;
  }

  keyed(name: string, values: readonly string[], node: DomNode): readonly DomNode[] {
    const index = this.#index(name, topOf(node));
    const [only = ""] = values;
    if (values.length === 1) return index.get(only) ?? [];
    return inOrder(
      values.flatMap((value) => {
        const row = index.get(value) ?? [];
        this.meter.step(1 + row.length);
        return row;
      }),
      this.meter,
    );
  }

  #index(name: string, top: DomNode): KeyIndex {
    let indexes = this.#indexes.get(top);
    if (indexes === undefined) this.#indexes.set(top, (indexes = new Map()));
    let index = indexes.get(name);
    if (index === undefined) {
      numberTree(top, this.meter);
      // A key that asks for itself finds nothing yet.
      indexes.set(name, new Map());
      indexes.set(name, (index = this.#makeIndex(name, top)));
    }
    return index;
  }

  #makeIndex(name: string, top: DomNode): KeyIndex {
    const keys = this.stylesheet.keys.get(name) ?? failed("there is no key of that name");
    const index = new Map<string, DomNode[]>();
    const { meter } = this;
    for (const element of walk(top, meter)) {
      for (const node of [element, ...element.attributes]) {
        const scene = new Scene(this, node, 1, 1, "", null, top);
        for (const { pattern, use } of keys) {
          if (!pattern(node, scene)) continue;
          const value = scene.evaluate(use);
          const texts = typeof value === "object" ? value.map((each) => textOf(each, meter)) : [toText(value, meter)];
          for (const text of texts) {
            meter.charge(64);
            const row = index.get(text);
            if (row === undefined) index.set(text, [node]);
            else row.push(node);
          }
        }
      }
    }
    return index;
  }

  idOf(node: DomNode): string {
    let id = this.#ids.get(node);
    if (id === undefined) {
      this.meter.charge(64);
      this.#ids.set(node, (id = `id${this.#ids.size}`));
    }
    return id;
  }
}
