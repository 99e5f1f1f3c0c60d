import { isScimObject, type ScimObject, valueIn } from "./attributes.ts";
import { ScimError } from "./scim-error.ts";

/** What a filter says of one resource. */
export type FilterTest = (resource: ScimObject) => boolean;

export interface Filter {
  readonly test: FilterTest;
  /** It asks for one text of one attribute alone, as providers do before they make a user: an index can answer. */
  readonly equality: { readonly attribute: string; readonly value: string } | null;
}

const maxLength = 1000;
const maxDepth = 10;
const token = /\s*(?:(\(|\)|\[|\])|("(?:[^"\\]|\\.)*")|([^\s()[\]"]+))/y;
const attributePath = /^(?:urn:[\w:.-]+:)?[A-Za-z$][\w$-]*(?:\.[A-Za-z$][\w$-]*)?$/;
const operators: ReadonlySet<string> = new Set(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);

/** @throws ScimError 400 `invalidFilter` @see RFC 7644 §3.4.2.2 */
export function parseFilter(text: string): Filter {
  if (text.length > maxLength) throw wrong(`it is longer than ${maxLength} characters`);
  const tokens = tokensOf(text);
  const reader = new FilterReader(tokens);
  const test = reader.whole();
  return { test, equality: equalityOf(tokens) };
}

/** Of single values and lists of them, such as a path in a PATCH has between brackets. */
export function parseValueFilter(text: string): FilterTest {
  return parseFilter(text).test;
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const match = token.exec(text);
    if (match === null) throw wrong("it cannot be read");
    tokens.push((match[1] ?? match[2] ?? match[3]) as string);
  }
  return tokens;
}

function equalityOf([attribute = "", operator = "", value = "", ...more]: readonly string[]): Filter["equality"] {
  if (more.length > 0 || operator.toLowerCase() !== "eq" || !value.startsWith('"')) return null;
  return { attribute: withoutSchema(attribute).toLowerCase(), value: valueOf(value) as string };
}

class FilterReader {
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  whole(): FilterTest {
    const test = this.#any();
    if (this.#at < this.#tokens.length) throw wrong(`${this.#tokens[this.#at]} stands where nothing can`);
    return test;
  }

  #any(): FilterTest {
    const tests = [this.#all()];
    while (this.#takes("or")) tests.push(this.#all());
    return tests.length === 1 ? (tests[0] as FilterTest) : (resource) => tests.some((test) => test(resource));
  }

  #all(): FilterTest {
    const tests = [this.#one()];
    while (this.#takes("and")) tests.push(this.#one());
    return tests.length === 1 ? (tests[0] as FilterTest) : (resource) => tests.every((test) => test(resource));
  }

  #one(): FilterTest {
    if (this.#takes("not")) {
      const test = this.#group();
      return (resource) => !test(resource);
    }
    if (this.#tokens[this.#at] === "(") return this.#group();
    return this.#comparison();
  }

  #group(): FilterTest {
    this.#expect("(");
    const test = this.#inside();
    this.#expect(")");
    return test;
  }

  #inside(): FilterTest {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw wrong(`it is nested deeper than ${maxDepth}`);
    const test = this.#any();
    this.#depth -= 1;
    return test;
  }

  #comparison(): FilterTest {
    const path = this.#next();
    if (!attributePath.test(path)) throw wrong(`${path} is no attribute`);
    const names = withoutSchema(path).split(".");
    if (this.#tokens[this.#at] === "[") return this.#valuePath(names);
    const operator = this.#next().toLowerCase();
    if (operator === "pr") return (resource) => valuesAt(resource, names).some(isPresent);
    if (!operators.has(operator)) throw wrong(`${operator} is no operator`);
    const value = valueOf(this.#next());
    const exact = isExact(names);
    return (resource) => holds(valuesAt(resource, names), operator, value, exact);
  }

  #valuePath(names: readonly string[]): FilterTest {
    this.#expect("[");
    const test = this.#inside();
    this.#expect("]");
    return (resource) => itemsAt(resource, names).some((item) => isScimObject(item) && test(item));
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#at]?.toLowerCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #expect(word: string): void {
    if (!this.#takes(word)) throw wrong(`${word} is missing`);
  }

  #next(): string {
    const found = this.#tokens[this.#at];
    if (found === undefined) throw wrong("it ends too early");
    this.#at += 1;
    return found;
  }
}

/** Ids are compared as they are; everything else without regard to case, as most attributes are. */
function isExact(names: readonly string[]): boolean {
  return names.length === 1 && (names[0]?.toLowerCase() === "id" || names[0]?.toLowerCase() === "externalid");
}

function itemsAt(resource: ScimObject, [name = "", ...rest]: readonly string[]): readonly unknown[] {
  const found = valueIn(resource, name);
  const items = Array.isArray(found) ? (found as readonly unknown[]) : found === undefined ? [] : [found];
  return rest.length === 0 ? items : items.flatMap((item) => (isScimObject(item) ? itemsAt(item, rest) : []));
}

/** A list of objects stands for their `value`. */
function valuesAt(resource: ScimObject, names: readonly string[]): readonly unknown[] {
  return itemsAt(resource, names).map((item) => (isScimObject(item) ? valueIn(item, "value") : item));
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function holds(found: readonly unknown[], operator: string, wanted: unknown, exact: boolean): boolean {
  if (operator === "ne") return !found.some((value) => compare(value, "eq", wanted, exact));
  return found.some((value) => compare(value, operator, wanted, exact));
}

function compare(value: unknown, operator: string, wanted: unknown, exact: boolean): boolean {
  if (typeof value === "string" && typeof wanted === "string") {
    return exact
      ? compareTexts(value, operator, wanted)
      : compareTexts(value.toLowerCase(), operator, wanted.toLowerCase());
  }
  if (typeof value === "number" && typeof wanted === "number") return compareOrdered(value, operator, wanted);
  return operator === "eq" && value === wanted;
}

function compareTexts(value: string, operator: string, wanted: string): boolean {
  if (operator === "co") return value.includes(wanted);
  if (operator === "sw") return value.startsWith(wanted);
  return operator === "ew" ? value.endsWith(wanted) : compareOrdered(value, operator, wanted);
}

function compareOrdered<T extends string | number>(value: T, operator: string, wanted: T): boolean {
  switch (operator) {
    case "eq":
      return value === wanted;
    case "gt":
      return value > wanted;
    case "ge":
      return value >= wanted;
    case "lt":
      return value < wanted;
    default:
      return operator === "le" && value <= wanted;
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(/^(true|false|null)$/i.test(text) ? text.toLowerCase() : text);
  } catch {
    throw wrong(`${text} is no value`);
  }
}

export function withoutSchema(path: string): string {
  return /^urn:/i.test(path) ? path.slice(path.lastIndexOf(":") + 1) : path;
}

function wrong(why: string): ScimError {
  return new ScimError(400, `the filter is not one: ${why}`, "invalidFilter");
}
