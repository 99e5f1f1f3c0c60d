export const xslUri = "http://www.w3.org/1999/XSL/Transform";

/** Instructions that there are. */
export const instructionNames: ReadonlySet<string> = new Set([
  "apply-templates",
  "attribute",
  "call-template",
  "choose",
  "comment",
  "copy",
  "copy-of",
  "element",
  "fallback",
  "for-each",
  "if",
  "message",
  "number",
  "processing-instruction",
  "text",
  "value-of",
  "variable",
]);
