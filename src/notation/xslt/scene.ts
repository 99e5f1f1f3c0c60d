import type { Meter } from "#notation/dom/meter.ts";
import { type DomKind, type DomName, DomNode } from "#notation/dom/node.ts";
import type { At, Run, Surroundings, XPathFunction } from "#notation/xpath/compile.ts";
import type { Value } from "#notation/xpath/values.ts";
import type { Stylesheet } from "./stylesheet.ts";

/** A variable and those around it. */
export interface Variables {
  readonly name: string;
  readonly value: Value;
  readonly outer: Variables | null;
}

/** What all of one transformation shares. */
export interface Engine {
  readonly stylesheet: Stylesheet;
  readonly meter: Meter;
  /** A variable or parameter of the stylesheet itself. */
  global(name: string): Value;
  /** Nodes of the document around `node` whose key has one of the values. */
  keyed(name: string, values: readonly string[], node: DomNode): readonly DomNode[];
  idOf(node: DomNode): string;
}

/** Where the stylesheet is at: a node, what is known there, and where results go. */
export class Scene implements Surroundings {
  readonly engine: Engine;
  readonly meter: Meter;
  readonly current: DomNode;
  readonly position: number;
  readonly size: number;
  readonly mode: string;
  variables: Variables | null;
  out: DomNode;

  constructor(
    engine: Engine,
    current: DomNode,
    position: number,
    size: number,
    mode: string,
    variables: Variables | null,
    out: DomNode,
  ) {
    this.engine = engine;
    this.meter = engine.meter;
    this.current = current;
    this.position = position;
    this.size = size;
    this.mode = mode;
    this.variables = variables;
    this.out = out;
  }

  variable(name: string): Value {
    for (let at = this.variables; at !== null; at = at.outer) if (at.name === name) return at.value;
    return this.engine.global(name);
  }

  evaluate(run: SceneRun): Value {
    return run({ node: this.current, position: this.position, size: this.size, around: this });
  }

  make(kind: DomKind, name?: DomName, value = ""): DomNode {
    return new DomNode(kind, this.meter, name, value);
  }

  /** The same place, with another node. */
  at(node: DomNode, position: number, size: number): Scene {
    this.meter.step();
    return new Scene(this.engine, node, position, size, this.mode, this.variables, this.out);
  }
}

export type SceneAt = At<Scene>;
export type SceneRun = Run<Scene>;
export type SceneFunction = XPathFunction<Scene>;
