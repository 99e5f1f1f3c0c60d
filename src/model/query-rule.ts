/** What a request's query must have, for an operation to be meant. Names and values are decoded, and have one case. */
export interface QueryRule {
  readonly key: string;
  /** Name of the parameter that has its value; null: the value has to be `text`. */
  readonly parameter: string | null;
  readonly text: string | null;
}
