import { compareValues } from "#notation/csharp/value/compare.ts";
import { rawNumber } from "#notation/csharp/type/numeric.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import { step } from "#notation/csharp/value/run.ts";
import { Double } from "#notation/csharp/value/numbers.ts";
import { JArray, JObject, JProperty, type JToken, JValue } from "./token.ts";

type Part =
  | { readonly kind: "name"; readonly names: readonly string[] }
  | { readonly kind: "index"; readonly indexes: readonly number[] }
  | { readonly kind: "slice"; readonly from: number | null; readonly to: number | null; readonly by: number }
  | { readonly kind: "all" }
  | { readonly kind: "descend" }
  | { readonly kind: "filter"; readonly test: Test };

type Test = (token: JToken, root: JToken) => boolean;

const maxLength = 2000;

/** What a JSONPath selects, in document order. @throws NetException JsonException for a path that is none */
export function selectTokens(token: JToken, path: string): JToken[] {
  if (path.length > maxLength) throw fault("The path is too long.");
  const parts = new PathReader(path).parts();
  let found: JToken[] = [token];
  for (const part of parts) found = found.flatMap((each) => follow(each, part, token));
  return found;
}

function fault(message: string): NetException {
  return new NetException("JsonException", message);
}

function follow(token: JToken, part: Part, root: JToken): JToken[] {
  step();
  switch (part.kind) {
    case "name":
      return token instanceof JObject ? part.names.flatMap((name) => token.find(name) ?? []) : [];
    case "index":
      return token instanceof JArray ? part.indexes.flatMap((index) => token.items[index] ?? []) : [];
    case "slice":
      return token instanceof JArray ? slice(token.items, part) : [];
    case "all":
      return valuesOf(token);
    case "descend":
      return descendants(token);
    case "filter":
      return valuesOf(token).filter((each) => part.test(each, root));
  }
}

function valuesOf(token: JToken): JToken[] {
  return token instanceof JObject ? [...token.values()] : [...token.children()];
}

function descendants(token: JToken): JToken[] {
  step();
  return [token, ...valuesOf(token).flatMap(descendants)];
}

function slice(items: readonly JToken[], { from, to, by }: Extract<Part, { kind: "slice" }>): JToken[] {
  if (by === 0) throw fault("Step cannot be zero.");
  const at = (index: number | null, none: number): number =>
    index === null ? none : index < 0 ? index + items.length : index;
  const found: JToken[] = [];
  const start = at(from, by > 0 ? 0 : items.length - 1);
  const end = at(to, by > 0 ? items.length : -1);
  for (
    let index = Math.max(start, by > 0 ? 0 : -1);
    by > 0 ? index < Math.min(end, items.length) : index > end;
    index += by
  ) {
    found.push(...(items[index] === undefined ? [] : [items[index] as JToken]));
  }
  return found;
}

class PathReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** In a filter an operator ends a name, with or without a blank before it. */
  #inQuery = false;

  constructor(text: string) {
    this.#text = text;
  }

  get #char(): string {
    return this.#text[this.#at] ?? "";
  }

  #fail(): never {
    throw fault(`Unexpected character while parsing path: ${this.#char === "" ? "the end" : this.#char}`);
  }

  #blank(): void {
    while (/\s/.test(this.#char)) this.#at++;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  parts(): Part[] {
    const found: Part[] = [];
    this.#blank();
    if (this.#char === "$") this.#at++;
    else if (this.#char !== "[" && this.#char !== ".") this.#named(found);
    while (this.#at < this.#text.length) this.#part(found);
    return found;
  }

  #part(found: Part[]): void {
    if (this.#take("..")) {
      found.push({ kind: "descend" });
      if (this.#char === "[") this.#bracket(found);
      else this.#named(found);
    } else if (this.#take(".")) this.#named(found);
    else if (this.#char === "[") this.#bracket(found);
    else if (/\s/.test(this.#char) && this.#text.slice(this.#at).trim() === "") this.#at = this.#text.length;
    else this.#fail();
  }

  #named(found: Part[]): void {
    if (this.#take("*")) {
      found.push({ kind: "all" });
      return;
    }
    const pattern = this.#inQuery ? /^[^.[\]\s()=<>!|&]+/ : /^[^.[\]\s()]+/;
    const name = pattern.exec(this.#text.slice(this.#at))?.[0];
    if (name === undefined) {
      if (this.#at === this.#text.length && found.length === 0) return;
      this.#fail();
    }
    this.#at += name.length;
    found.push({ kind: "name", names: [name] });
  }

  #bracket(found: Part[]): void {
    this.#at++;
    this.#blank();
    if (this.#take("?(")) {
      const test = this.#or();
      this.#expect(")");
      found.push({ kind: "filter", test });
    } else if (this.#take("?")) found.push({ kind: "filter", test: this.#or() });
    else if (this.#take("*")) found.push({ kind: "all" });
    else if (this.#char === "'" || this.#char === '"')
      found.push({ kind: "name", names: this.#list(() => this.#quoted()) });
    else found.push(this.#numbers());
    this.#expect("]");
  }

  #expect(text: string): void {
    this.#blank();
    if (!this.#take(text)) this.#fail();
  }

  #list<T>(read: () => T): T[] {
    const found: T[] = [];
    do {
      this.#blank();
      found.push(read());
      this.#blank();
    } while (this.#take(","));
    return found;
  }

  #quoted(): string {
    const quote = this.#char;
    let text = "";
    for (this.#at++; this.#char !== quote; this.#at++) {
      if (this.#char === "") this.#fail();
      if (this.#char === "\\") this.#at++;
      text += this.#char;
    }
    this.#at++;
    return text;
  }

  #integer(): number | null {
    const digits = /^-?\d{1,9}/.exec(this.#text.slice(this.#at))?.[0];
    if (digits === undefined) return null;
    this.#at += digits.length;
    return Number(digits);
  }

  #numbers(): Part {
    const first = this.#integer();
    this.#blank();
    if (this.#take(":")) {
      const to = this.#integer();
      const by = this.#take(":") ? this.#integer() : null;
      return { kind: "slice", from: first, to, by: by ?? 1 };
    }
    if (first === null) this.#fail();
    const rest = this.#take(",") ? this.#list(() => this.#integer() ?? this.#fail()) : [];
    return { kind: "index", indexes: [first, ...rest] };
  }

  #or(): Test {
    let left = this.#and();
    for (this.#blank(); this.#take("||"); this.#blank()) {
      const [a, b] = [left, this.#and()];
      left = (token, root) => a(token, root) || b(token, root);
    }
    return left;
  }

  #and(): Test {
    let left = this.#comparison();
    for (this.#blank(); this.#take("&&"); this.#blank()) {
      const [a, b] = [left, this.#comparison()];
      left = (token, root) => a(token, root) && b(token, root);
    }
    return left;
  }

  #comparison(): Test {
    this.#blank();
    if (++this.#depth > 50) throw fault("The path is nested too deeply.");
    if (this.#char === "(") {
      this.#at++;
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    const left = this.#operand();
    this.#blank();
    const op = ["===", "!==", "==", "!=", "<>", "<=", ">=", "=~", "<", ">"].find((each) => this.#take(each));
    if (op === undefined) return (token, root) => left(token, root).length > 0;
    if (op === "=~") throw fault("Regular expressions in a path are not supported.");
    this.#blank();
    const right = this.#operand();
    return (token, root) => left(token, root).some((a) => right(token, root).some((b) => compare(op, a, b)));
  }

  #operand(): (token: JToken, root: JToken) => readonly JToken[] {
    const char = this.#char;
    if (char === "@" || char === "$") return this.#pathOperand(char);
    if (char === "'" || char === '"') {
      const value = new JValue(this.#quoted());
      return () => [value];
    }
    const word = /^[-\w.+]+/.exec(this.#text.slice(this.#at))?.[0] ?? this.#fail();
    this.#at += word.length;
    const value = literal(word) ?? this.#fail();
    return () => [value];
  }

  #pathOperand(origin: string): (token: JToken, root: JToken) => readonly JToken[] {
    this.#at++;
    const parts: Part[] = [];
    const outer = this.#inQuery;
    this.#inQuery = true;
    while (this.#char === "." || this.#char === "[") this.#part(parts);
    this.#inQuery = outer;
    return (token, root) => {
      let found: JToken[] = [origin === "@" ? token : root];
      for (const part of parts) found = found.flatMap((each) => follow(each, part, root));
      return found;
    };
  }
}

function literal(word: string): JValue | undefined {
  if (word === "true" || word === "false") return new JValue(word === "true");
  if (word === "null") return new JValue(null);
  if (/^-?\d{1,18}$/.test(word)) return new JValue(BigInt(word));
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(word) ? new JValue(new Double(Number(word))) : undefined;
}

function compare(op: string, a: JToken, b: JToken): boolean {
  if (!(a instanceof JValue) || !(b instanceof JValue)) return op === "!=" || op === "<>" || op === "!==";
  const order = orderOf(a.value, b.value);
  switch (op) {
    case "==":
    case "===":
      return order === 0;
    case "!=":
    case "<>":
    case "!==":
      return order !== 0;
    case "<":
      return order !== undefined && order < 0;
    case ">":
      return order !== undefined && order > 0;
    case "<=":
      return order !== undefined && order <= 0;
    default:
      return order !== undefined && order >= 0;
  }
}

function orderOf(a: unknown, b: unknown): number | undefined {
  if (a === b) return 0;
  const [x, y] = [a, b].map((value) => (value === null ? undefined : rawNumber(value)));
  if (x !== undefined && y !== undefined && typeof x !== "object" && typeof y !== "object")
    return x < y ? -1 : x > y ? 1 : 0;
  return typeof a === "string" && typeof b === "string" ? compareValues(a, b) : undefined;
}

/** `token.Path`: how the node is reached from its root. */
export function pathOf(token: JToken): string {
  const parts: string[] = [];
  for (let at = token; at.parent !== null; at = at.parent) {
    if (at instanceof JProperty) parts.unshift(memberName(at.name));
    else if (at.parent instanceof JArray) parts.unshift(`[${at.parent.items.indexOf(at)}]`);
  }
  return parts.join("").replace(/^\./, "");
}

function memberName(name: string): string {
  return /^[\w$-]+$/.test(name) ? `.${name}` : `['${name.replaceAll("'", String.raw`\'`)}']`;
}
