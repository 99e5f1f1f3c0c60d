/** In what two answers to one request differ. A closed list: reports are folded by it, and scripts read it. */
export type DifferenceKind =
  | "no-answer"
  | "status"
  | "header-missing"
  | "header-added"
  | "header-value"
  | "header-case"
  | "header-count"
  | "redirect"
  | "cookie-missing"
  | "cookie-added"
  | "cookie-attributes"
  | "body-kind"
  | "field-missing"
  | "field-added"
  | "field-type"
  | "field-value"
  | "items"
  | "element-missing"
  | "element-added"
  | "body-length"
  | "body-content";

/**
 * One difference. `old` and `fresh` show what either gateway answers; values of fields are never shown, since they are
 * somebody's data: a report says that a value differs, and where.
 */
export interface Difference {
  readonly kind: DifferenceKind;
  /** A header's or cookie's name in lower case, or a JSON pointer with `*` for any item; empty: the answer as a whole. */
  readonly place: string;
  readonly old: string;
  readonly fresh: string;
}
