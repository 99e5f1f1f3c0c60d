/** Longest expression, in characters. Expressions are read by people; a longer one is generated or a mistake. */
export const maxSourceLength = 4096;

/** Bounds of the parser: an expression of the definition must not exhaust the stack or the heap of whoever reads it. */
export const parserLimits = {
  maxAstNodes: 2000,
  maxDepth: 48,
  maxListElements: 500,
  maxMapEntries: 200,
  maxCallArguments: 8,
} as const;

/** Comprehensions inside comprehensions: the work is the product of what the client sent at each level. */
export const maxComprehensionDepth = 2;

/** Longest regular expression; RE2 programs grow with it. */
export const maxPatternLength = 512;

/** Longest text a pattern is tried on: linear, but still the client's length times the program's size. */
export const maxSubjectLength = 16_384;

/** Longest literal of `duration()`. */
export const maxDurationLength = 64;
