import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { type Redacted, redactedMark, type Redaction, type RedactionRules } from "#model/redaction.ts";
import { type BodyValues, bodyValues } from "./body-values.ts";
import { createBodyRedactor } from "./body-redaction.ts";
import { type BodyPath, parseBodyPath } from "./place.ts";
import { createQueryRedactor, hiddenNames, hiddenValues, type QueryRedactor } from "./query-redaction.ts";
import { spellings } from "./spellings.ts";
import { linkPatterns } from "./text-patterns.ts";

/** Shorter ones would blot out half of a text. */
const shortest = 3;
/** Of parameters that the definition says nothing of: `code=200` is no secret. */
const shortestUnasked = 6;
const longestQuery = 2048;

/** @throws when a pattern is none: the definition was checked for that */
export function createRedaction(rules: RedactionRules): Redaction {
  return new RuleRedaction(rules);
}

const credentials = hiddenNames([]);
/** Three parts of base64url, the first of which is a JSON object. @see RFC 7515 §7.1 */
const signedToken = /eyJ[\w-]{6,}\.[\w-]*\.[\w-]*/g;

type Body = readonly [bytes: Uint8Array, headers: HeaderList];

/** What an exchange had, whatever policies have made of it since. */
interface Seen {
  readonly bodies: Body[];
  /** Of fields of responses; those of the request stay. */
  readonly fields: string[];
}

class RuleRedaction implements Redaction {
  readonly rules: RedactionRules;
  readonly #patterns: (text: string) => Redacted;
  readonly #paths: readonly BodyPath[];
  readonly #parameters: ReadonlySet<string>;
  readonly #hidden: ReadonlySet<string>;
  readonly #query: QueryRedactor;
  readonly #body: (text: string) => string | null;
  readonly #seen = new WeakMap<Exchange, Seen>();
  /** A body is looked into once, however many texts speak of it. */
  readonly #bodies = new WeakMap<Uint8Array, BodyValues>();

  constructor(rules: RedactionRules) {
    this.rules = rules;
    this.#patterns = linkPatterns(rules.patterns);
    this.#paths = rules.body.map(parseBodyPath);
    this.#parameters = new Set(rules.query);
    this.#hidden = hiddenNames(rules.query);
    this.#query = createQueryRedactor(rules.query);
    this.#body = createBodyRedactor(this.#paths, this.#query);
  }

  note(exchange: Exchange): void {
    const { headers, body } = this.rules;
    if (headers.length + body.length === 0) return;
    let seen = this.#seen.get(exchange);
    if (seen === undefined) this.#seen.set(exchange, (seen = { bodies: [], fields: [] }));
    const { bodies, fields } = seen;
    if (body.length > 0) {
      for (const one of bodiesOf(exchange)) if (!bodies.some(([bytes]) => bytes === one[0])) bodies.push(one);
    }
    for (const name of headers) {
      for (const value of exchange.response?.headers.all(name) ?? []) if (!fields.includes(value)) fields.push(value);
    }
  }

  text(text: string, exchange: Exchange | null): Redacted {
    if (text === "") return { text, count: 0 };
    let clean = text;
    let count = 0;
    for (const value of exchange === null ? [] : this.#valuesIn(text, exchange)) {
      const parts = clean.split(value);
      if (parts.length === 1) continue;
      clean = parts.join(redactedMark);
      count += parts.length - 1;
    }
    if (clean.includes("eyJ")) {
      clean = clean.replaceAll(signedToken, () => {
        count += 1;
        return redactedMark;
      });
    }
    const rest = this.#patterns(clean);
    return { text: rest.text, count: count + rest.count };
  }

  query(query: string, { api }: Exchange): string {
    return this.#patterns(this.#query(query, api?.subscriptionKey.query ?? "", longestQuery)).text;
  }

  body(text: string): string | null {
    return this.#body(text);
  }

  told(text: string, exchange: Exchange): Redacted {
    const isWhole = this.#bodiesOf(exchange).every(([body, headers]) => this.#bodyValues(body, headers).isWhole);
    return isWhole || text === "" ? this.text(text, exchange) : { text: redactedMark, count: 1 };
  }

  /** Longer ones first: one that holds another must not be left in pieces. */
  #valuesIn(text: string, exchange: Exchange): readonly string[] {
    const values = new Set<string>();
    for (const value of this.#valuesOf(exchange)) if (text.includes(value)) values.add(value);
    return [...values].toSorted((one, other) => other.length - one.length);
  }

  #valuesOf(exchange: Exchange): readonly string[] {
    const { facts, request, response, api } = exchange;
    const values: string[] = [];
    if (facts.query !== "") {
      const named = hiddenValues(facts.query, this.#parameters, "");
      const known = hiddenValues(facts.query, credentials, api?.subscriptionKey.query ?? "");
      values.push(...longer(named, shortest), ...longer(known, shortestUnasked));
    }
    for (const address of [facts.headers.get("referer"), response?.headers.get("location")]) {
      const at = address?.search(/[?#]/) ?? -1;
      if (address === undefined || at < 0) continue;
      const parameters = hiddenValues(address.slice(at + 1), this.#hidden, api?.subscriptionKey.query ?? "");
      values.push(...longer(parameters, shortestUnasked));
    }
    for (const headers of [facts.headers, request.headers, response?.headers]) {
      for (const name of headers === undefined ? [] : this.rules.headers) {
        for (const value of headers?.all(name) ?? []) values.push(...fieldValues(value));
      }
    }
    for (const value of this.#seen.get(exchange)?.fields ?? []) values.push(...fieldValues(value));
    for (const [body, headers] of this.#bodiesOf(exchange)) values.push(...this.#bodyValues(body, headers).values);
    return values;
  }

  #bodiesOf(exchange: Exchange): readonly Body[] {
    return [...bodiesOf(exchange), ...(this.#seen.get(exchange)?.bodies ?? [])];
  }

  #bodyValues(body: Uint8Array, headers: HeaderList): BodyValues {
    let values = this.#bodies.get(body);
    if (values === undefined) this.#bodies.set(body, (values = bodyValues(body, headers, this.#paths)));
    return values;
  }
}

function bodiesOf({ request, response }: Exchange): readonly Body[] {
  return [request, response].flatMap((message) =>
    message?.body instanceof Uint8Array ? [[message.body, message.headers] as const] : [],
  );
}

function fieldValues(value: string): readonly string[] {
  return longer(elementsOf(value), shortest).flatMap(spellings);
}

/** The value of a field, and what stands between its commas. */
function elementsOf(value: string): readonly string[] {
  return value.includes(",") ? [value, ...value.split(",").map((one) => one.trim())] : [value];
}

function longer(values: readonly string[], least: number): readonly string[] {
  return values.filter(({ length }) => length >= least);
}
