import type { Exchange } from "#model/exchange.ts";
import { type Redacted, redactedMark, type Redaction, type RedactionRules } from "#model/redaction.ts";
import { type BodyPath, bodyValues, parseBodyPath } from "./body-values.ts";
import { createBodyRedactor } from "./body-redaction.ts";
import { createQueryRedactor, hiddenNames, hiddenValues, type QueryRedactor } from "./query-redaction.ts";
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

class RuleRedaction implements Redaction {
  readonly rules: RedactionRules;
  readonly #patterns: (text: string) => Redacted;
  readonly #paths: readonly BodyPath[];
  readonly #parameters: ReadonlySet<string>;
  readonly #query: QueryRedactor;
  readonly #body: (text: string, type: string) => string | null;
  /** A body is looked into once, however many texts speak of it. */
  readonly #bodies = new WeakMap<Uint8Array, readonly string[]>();

  constructor(rules: RedactionRules) {
    this.rules = rules;
    this.#patterns = linkPatterns(rules.patterns);
    this.#paths = rules.body.map(parseBodyPath);
    this.#parameters = new Set(rules.query);
    this.#query = createQueryRedactor(rules.query);
    this.#body = createBodyRedactor(this.#paths, this.#query);
  }

  text(text: string, exchange: Exchange | null): Redacted {
    if (text === "") return { text, count: 0 };
    let clean = text;
    let count = 0;
    for (const value of exchange === null ? [] : this.#valuesOf(exchange)) {
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

  body(text: string, type: string): string | null {
    return this.#body(text, type);
  }

  /** Longer ones first: one that holds another must not be left in pieces. */
  #valuesOf({ facts, request, response, api }: Exchange): readonly string[] {
    const values = new Set<string>();
    if (facts.query !== "") {
      for (const value of hiddenValues(facts.query, this.#parameters, "")) {
        if (value.length >= shortest) values.add(value);
      }
      for (const value of hiddenValues(facts.query, credentials, api?.subscriptionKey.query ?? "")) {
        if (value.length >= shortestUnasked) values.add(value);
      }
    }
    for (const headers of [facts.headers, request.headers, response?.headers]) {
      for (const name of headers === undefined ? [] : this.rules.headers) {
        for (const value of headers?.all(name) ?? []) if (value.length >= shortest) values.add(value);
      }
    }
    for (const body of [request.body, response?.body]) {
      if (body instanceof Uint8Array) for (const value of this.#valuesIn(body)) values.add(value);
    }
    return [...values].toSorted((one, other) => other.length - one.length);
  }

  #valuesIn(body: Uint8Array): readonly string[] {
    let values = this.#bodies.get(body);
    if (values === undefined) this.#bodies.set(body, (values = bodyValues(body, this.#paths)));
    return values;
  }
}
