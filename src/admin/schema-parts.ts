export type JsonSchema = Readonly<Record<string, unknown>>;

export const string: JsonSchema = { type: "string" };
export const boolean: JsonSchema = { type: "boolean" };
export const count: JsonSchema = { type: "integer", minimum: 0 };
export const time: JsonSchema = { type: "string", description: "ISO 8601, UTC." };
export const scheme: JsonSchema = { enum: ["http", "https"] };
export const hash: JsonSchema = { type: "string", pattern: "^[0-9a-f]{64}$" };

export const list = (items: JsonSchema): JsonSchema => ({ type: "array", items });
export const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** All members are there unless named in `optional`. */
export function object(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: "object", properties, required, additionalProperties: false };
}

export const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [{ type: "null" }, schema] });
