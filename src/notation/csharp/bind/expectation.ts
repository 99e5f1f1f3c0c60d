/** What the place of an expression takes: a condition, a number, text, or anything. */
export type Expectation = "bool" | "int" | "string" | "any";
