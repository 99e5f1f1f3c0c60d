/** Puts elements together, indented. */
export class XmlWriter {
  #text = "";
  #depth = 0;

  get text(): string {
    return this.#text;
  }

  /** An element whose children `inside` writes; nothing in it makes `<name />`. */
  element(name: string, attributes: readonly string[], inside: readonly (() => void)[]): void {
    const tag = [name, ...attributes].join(" ");
    if (inside.length === 0) return this.#line(`<${tag} />`);
    this.#line(`<${tag}>`);
    this.#depth += 1;
    for (const write of inside) write();
    this.#depth -= 1;
    this.#line(`</${name}>`);
  }

  /** An element with text, on which no white space is laid. */
  content(name: string, attributes: readonly string[], text: string): void {
    const tag = [name, ...attributes].join(" ");
    this.#line(text === "" ? `<${tag} />` : `<${tag}>${text}</${name}>`);
  }

  markup(text: string): void {
    this.#line(text);
  }

  #line(text: string): void {
    this.#text += `${"    ".repeat(this.#depth)}${text}\n`;
  }
}
