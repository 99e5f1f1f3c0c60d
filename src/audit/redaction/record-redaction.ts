import type { Exchange } from "#model/exchange.ts";
import type { Redaction } from "#model/redaction.ts";
import { createQueryRedactor, type QueryRedactor } from "./query-redaction.ts";

/** What is kept out of one record, counted. One a recorder: {@link begin} for each record. */
export class RecordRedaction {
  readonly #query: QueryRedactor;
  readonly #redaction: Redaction;
  /** Null: nothing but credentials is looked for in what every record has. */
  readonly #rules: Redaction | null;
  query = 0;
  path = 0;
  details = 0;

  constructor(queryNames: readonly string[], redaction: Redaction) {
    this.#query = createQueryRedactor(queryNames);
    const { headers, body, patterns } = redaction.rules;
    this.#redaction = redaction;
    this.#rules = headers.length + body.length + patterns.length === 0 ? null : redaction;
  }

  get any(): boolean {
    return this.query + this.path + this.details > 0;
  }

  /** @param before what policies have taken out of what they say */
  begin(before: number): void {
    this.query = 0;
    this.path = 0;
    this.details = before;
  }

  queryOf(exchange: Exchange, limit: number): string {
    const { facts, api } = exchange;
    const text = this.#query(facts.query, api === null ? "" : api.subscriptionKey.query, limit);
    this.query += this.#query.hidden;
    if (this.#rules === null) return text;
    const rest = this.#rules.text(text, exchange);
    this.query += rest.count;
    return rest.text;
  }

  pathOf(exchange: Exchange): string {
    const { path } = exchange.facts;
    if (this.#rules === null && !path.includes("eyJ")) return path;
    const rest = this.#redaction.text(path, exchange);
    this.path += rest.count;
    return rest.text;
  }

  /** The host, and a method that nobody knows: what else of the head is the client's choice. Counted with the path. */
  headOf(exchange: Exchange, text: string): string {
    if (this.#rules === null) return text;
    const rest = this.#rules.text(text, exchange);
    this.path += rest.count;
    return rest.text;
  }

  /** Whether {@link headOf} would take something out of the host. */
  isHeadChanged(exchange: Exchange): boolean {
    return this.#rules !== null && this.#rules.text(exchange.facts.host, exchange).count > 0;
  }

  detailOf(exchange: Exchange, detail: string): string {
    const rest = this.#redaction.text(detail, exchange);
    this.details += rest.count;
    return rest.text;
  }
}
