type Schema = Readonly<Record<string, unknown>>;

/** The first path that a schema does not accept; knows the keywords that our schema uses. */
export function schemaProblem(root: Schema, value: unknown): string | undefined {
  return check(root, root, value, "$");
}

function check(root: Schema, schema: Schema, value: unknown, path: string): string | undefined {
  const { $ref: reference, anyOf } = schema as { $ref?: string; anyOf?: readonly Schema[] };
  if (reference !== undefined) {
    const name = reference.replace("#/$defs/", "");
    const target = (root["$defs"] as Record<string, Schema>)[name];
    if (target === undefined) return `${path}: no ${reference}`;
    const problem = check(root, target, value, path);
    if (problem !== undefined) return problem;
  }
  if (anyOf !== undefined) {
    const problems = anyOf.map((one) => check(root, one, value, path));
    if (!problems.includes(undefined)) return problems.join(" | ");
  }
  if ("const" in schema && schema["const"] !== value) return `${path}: not const`;
  if (Array.isArray(schema["enum"]) && !schema["enum"].includes(value)) return `${path}: not in enum`;
  return checkType(schema, value, path) ?? checkParts(root, schema, value, path);
}

function checkType(schema: Schema, value: unknown, path: string): string | undefined {
  const types = schema["type"] === undefined ? [] : [schema["type"]].flat();
  if (types.length > 0 && !types.includes(typeOf(value)) && !(types.includes("number") && typeof value === "number")) {
    return `${path}: ${typeOf(value)}, not ${types.join()}`;
  }
  if (
    typeof value === "string" &&
    schema["pattern"] !== undefined &&
    !new RegExp(schema["pattern"] as string).test(value)
  ) {
    return `${path}: pattern`;
  }
  if (typeof value !== "number") return undefined;
  const outside =
    value < ((schema["minimum"] as number) ?? -Infinity) || value > ((schema["maximum"] as number) ?? Infinity);
  return outside ? `${path}: out of range` : undefined;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function checkParts(root: Schema, schema: Schema, value: unknown, path: string): string | undefined {
  if (Array.isArray(value)) {
    if (value.length < ((schema["minItems"] as number) ?? 0)) return `${path}: too few`;
    const { items } = schema as { items?: Schema };
    return items === undefined
      ? undefined
      : firstOf(value.map((item, index) => check(root, items, item, `${path}[${index}]`)));
  }
  if (typeof value !== "object" || value === null) return undefined;
  const names = Object.keys(value);
  const missing = ((schema["required"] as readonly string[]) ?? []).find((name) => !names.includes(name));
  if (missing !== undefined) return `${path}: lacks ${missing}`;
  if (names.length < ((schema["minProperties"] as number) ?? 0)) return `${path}: too few`;
  if (names.length > ((schema["maxProperties"] as number) ?? Infinity)) return `${path}: too many`;
  const properties = (schema["properties"] ?? {}) as Record<string, Schema>;
  const rest = schema["additionalProperties"] as Schema | boolean | undefined;
  const problems = Object.entries(value).map(([name, inner]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : rest;
    if (known === false) return `${path}: no ${name}`;
    return typeof known === "object" ? check(root, known, inner, `${path}.${name}`) : undefined;
  });
  return firstOf(problems);
}

function firstOf(problems: readonly (string | undefined)[]): string | undefined {
  return problems.find((problem) => problem !== undefined);
}
