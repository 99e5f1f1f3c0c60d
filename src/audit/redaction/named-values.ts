/** Linear: a name is tried where it begins alone, and what opens and never closes runs to the end. */
const named =
  /(?<![\p{L}\w.-])([\p{L}_][\w-]*)["']?\s*:\s*(?:"""([\s\S]*?)(?:"""|$)|"((?:[^"\\]|\\[\s\S])*)|([^\s,(){}[\]"]+))/gu;

/**
 * Values that stand behind such a name within a text: arguments of GraphQL (`login(password: "…")`), and JSON that is a
 * text within JSON. As they stand there.
 */
export function namedValues(text: string, isMeant: (name: string) => boolean): readonly string[] {
  if (!text.includes(":")) return [];
  const values: string[] = [];
  for (const [, name = "", block, quoted, plain] of text.matchAll(named)) {
    const value = block ?? quoted ?? plain ?? "";
    // A variable of GraphQL stands elsewhere.
    if (isMeant(name) && value !== "" && !value.startsWith("$")) values.push(value);
  }
  return values;
}
