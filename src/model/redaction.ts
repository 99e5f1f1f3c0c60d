import type { Exchange } from "./exchange.ts";

/** What the definition wants to be kept out of everything that is written. */
export interface RedactionRules {
  /** Lower-case names of header fields, of requests and responses. */
  readonly headers: readonly string[];
  /** Lower-case names of query parameters. */
  readonly query: readonly string[];
  /** Of bodies that are JSON or a form: `card.number`, `items.*.secret`, `**.password`. */
  readonly body: readonly string[];
  /** `card-number`, `email`, or an expression in RE2's notation. */
  readonly patterns: readonly string[];
}

export const noRedaction: RedactionRules = { headers: [], query: [], body: [], patterns: [] };

/** Stands where something was taken out. */
export const redactedMark: string = "[redacted]";

/** Takes out of texts what the rules of a definition say. */
export interface Redaction {
  readonly rules: RedactionRules;
  /** Remembers what bodies and fields say now: a policy may replace them, and speak of them later. */
  note(exchange: Exchange): void;
  /** @param exchange whose headers and bodies are meant; null: patterns alone */
  text(text: string, exchange: Exchange | null): Redacted;
  /** The query of a request without credentials, and without what the rules say. */
  query(query: string, exchange: Exchange): string;
  /**
   * A body or its beginning, without what the rules say of bodies and without credentials that it names.
   * @returns null: what it holds cannot be told, so it is not to be shown
   */
  body(text: string): string | null;
  /** A text that a policy made: nothing of it is left when a body says more than can be looked for. */
  told(text: string, exchange: Exchange): Redacted;
}

export interface Redacted {
  readonly text: string;
  /** How often something was taken out. */
  readonly count: number;
}
