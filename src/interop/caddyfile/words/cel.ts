/** A text as CEL writes it. Braces are escaped: neither `${…}` around it nor `{{name}}` of the definition may see them. */
export function celText(text: string): string {
  return JSON.stringify(text).replaceAll("{", "\\u007b").replaceAll("}", "\\u007d");
}

/** Text of the definition that stands outside of `${…}`. */
export function plainText(text: string): string {
  return text.replaceAll("${", "$${").replaceAll("{{", '${"\\u007b\\u007b"}');
}

export function variable(name: string, fallback: string = '""'): string {
  return `variables[?${celText(name)}].orValue(${fallback})`;
}

export function both(conditions: readonly string[]): string {
  return joined(conditions, "&&", "true");
}

export function either(conditions: readonly string[]): string {
  return joined(conditions, "||", "false");
}

export function negated(condition: string): string {
  return condition === "true" ? "false" : condition === "false" ? "true" : `!(${condition})`;
}

function joined(conditions: readonly string[], operator: "&&" | "||", empty: string): string {
  const [neutral, absorbing] = operator === "&&" ? ["true", "false"] : ["false", "true"];
  if (conditions.includes(absorbing)) return absorbing;
  const rest = [...new Set(conditions.filter((one) => one !== neutral))];
  if (rest.length <= 1) return rest[0] ?? empty;
  return rest.map((one) => (isSimple(one) ? one : `(${one})`)).join(` ${operator} `);
}

function isSimple(condition: string): boolean {
  return !/&&|\|\|| \? | in /.test(condition);
}
