import { invalidOperation, NetException } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { charge, step } from "#notation/csharp/value/run.ts";
import type { DomNode } from "#notation/dom/node.ts";
import { writeDom, writeInner } from "#notation/dom/write.ts";
import { parseDom } from "./dom.ts";
import { runMeter } from "./run-meter.ts";

export interface ReaderSettings {
  readonly ignoresBlanks: boolean;
  readonly ignoresComments: boolean;
  readonly ignoresInstructions: boolean;
}

/** A place that a reader can stand at: a node, or where an element ends. */
interface Place {
  readonly node: DomNode;
  readonly isEnd: boolean;
  readonly depth: number;
}

/**
 * XmlReader: goes through a document node by node. The whole of it is read when it is first asked for something, so
 * one that is not well-formed is refused then, not when the fault is reached.
 */
export class XmlReader implements NetObject {
  readonly netType = "XmlReader";
  readonly #text: string;
  readonly #settings: ReaderSettings;
  #places: readonly Place[] | undefined;
  #at = -1;
  #attribute: DomNode | null = null;

  constructor(text: string, settings: ReaderSettings) {
    this.#text = text;
    this.#settings = settings;
  }

  toString(): string {
    return "System.Xml.XmlReader";
  }

  get #all(): readonly Place[] {
    this.#places ??= placesOf(parseDom(this.#text, !this.#settings.ignoresBlanks), this.#settings);
    return this.#places;
  }

  get #place(): Place | undefined {
    return this.#at < 0 ? undefined : this.#all[this.#at];
  }

  /** The node that the reader stands at, if it does; an attribute where it was moved to one. */
  get node(): DomNode | null {
    return this.#attribute ?? this.#place?.node ?? null;
  }

  get isEnd(): boolean {
    return this.#attribute === null && this.#place?.isEnd === true;
  }

  get isAtStart(): boolean {
    return this.node?.kind === "element" && !this.isEnd;
  }

  get hasEnded(): boolean {
    return this.#at >= 0 && this.#at >= this.#all.length;
  }

  get depth(): number {
    return (this.#place?.depth ?? 0) + (this.#attribute === null ? 0 : 1);
  }

  get element(): DomNode | null {
    const place = this.#place;
    return place?.node.kind === "element" && !place.isEnd ? place.node : null;
  }

  read(): boolean {
    step();
    this.#attribute = null;
    if (this.#at < this.#all.length) this.#at++;
    return !this.hasEnded;
  }

  close(): void {
    this.#at = this.#all.length;
    this.#attribute = null;
  }

  moveToContent(): void {
    this.#attribute = null;
    if (this.#at < 0) this.read();
    while (!this.hasEnded && !isContent(this.#place)) this.read();
  }

  moveTo(attribute: DomNode | null): boolean {
    if (attribute !== null) this.#attribute = attribute;
    return attribute !== null;
  }

  moveToElement(): boolean {
    const was = this.#attribute !== null;
    this.#attribute = null;
    return was;
  }

  /** Goes past the element, with everything inside, or past whatever else it is. */
  skip(): void {
    const element = this.element;
    this.#attribute = null;
    if (element !== null && !element.isSelfClosing) {
      while (this.read()) if (this.#place?.node === element && this.#place.isEnd) break;
    }
    this.read();
  }

  /** To the next element of that name, up to where `within` ends. */
  seek(fits: (node: DomNode) => boolean, within: DomNode | null = null): boolean {
    if (within?.isSelfClosing === true) return false;
    while (this.read()) {
      const { node, isEnd } = this.#place as Place;
      if (isEnd && node === within) return false;
      if (!isEnd && node.kind === "element" && fits(node)) return true;
    }
    return false;
  }

  seekSibling(fits: (node: DomNode) => boolean): boolean {
    const parent = this.node?.parent ?? null;
    this.skip();
    while (!this.hasEnded) {
      const { node, isEnd } = this.#place as Place;
      if (isEnd && node === parent) return false;
      if (!isEnd && node.kind === "element" && fits(node)) return true;
      this.skip();
    }
    return false;
  }

  readStart(fits: (node: DomNode) => boolean): void {
    this.moveToContent();
    if (this.element === null || !fits(this.element)) throw this.#wrong("Element was not found.");
    this.read();
  }

  readEnd(): void {
    this.moveToContent();
    if (!this.isEnd) throw this.#wrong("An end of an element was expected.");
    this.read();
  }

  #wrong(message: string): NetException {
    return new NetException("XmlException", message);
  }

  innerXml(): string {
    const { node } = this;
    const xml = node === null ? "" : writeInner(node, runMeter);
    charge(xml.length * 2);
    if (this.#attribute === null) this.skip();
    return xml;
  }

  outerXml(): string {
    const { node } = this;
    const xml = node === null ? "" : writeDom(node, runMeter);
    charge(xml.length * 2);
    if (this.#attribute === null) this.skip();
    return xml;
  }

  /** Text of an element that has nothing but text in it; the reader goes past it. */
  elementText(): string {
    const { element } = this;
    if (element === null) throw invalidOperation("The reader is not positioned on an element.");
    if (element.children.some(({ kind }) => kind === "element"))
      throw this.#wrong("ReadElementContentAs() methods cannot be called on an element that has child elements.");
    const text = element.children.map((child) => (child.isText ? child.value : "")).join("");
    this.skip();
    return text;
  }

  /** Text from here on, up to what is none. */
  text(): string {
    if (this.element !== null) this.read();
    let text = "";
    while (this.#place !== undefined && !this.#place.isEnd && this.#place.node.isText) {
      text += this.#place.node.value;
      charge(text.length * 2);
      this.read();
    }
    return text;
  }
}

function isContent(place: Place | undefined): boolean {
  if (place === undefined) return false;
  const { node } = place;
  return node.kind === "element" || node.kind === "cdata" || (node.kind === "text" && !isBlank(node));
}

export function isBlank(node: DomNode): boolean {
  return node.kind === "text" && node.value.trim() === "";
}

function placesOf(document: DomNode, settings: ReaderSettings): readonly Place[] {
  const places: Place[] = [];
  const add = (node: DomNode, depth: number): void => {
    step();
    charge(48);
    if (node.kind === "comment" && settings.ignoresComments) return;
    if (node.kind === "instruction" && settings.ignoresInstructions) return;
    places.push({ node, isEnd: false, depth });
    for (const child of node.children) add(child, depth + 1);
    if (node.kind === "element" && !node.isSelfClosing) places.push({ node, isEnd: true, depth });
  };
  for (const child of document.children) add(child, 0);
  return places;
}
