import type { DescribedParameter, DescribedSchema } from "#model/operation-description.ts";
import { compileSchema } from "./compile-schema.ts";

/** What is wrong with the values of one parameter; undefined when they are right. */
export function checkValues(
  values: readonly string[],
  { schema, list }: Pick<DescribedParameter, "schema" | "list">,
): string | undefined {
  if (schema === null) return undefined;
  const type = typeOf(schema);
  // How objects are written in a parameter has many ways; nothing is known of them here.
  if (type === "object") return undefined;
  const items = list === "repeated" ? values : values.flatMap((value) => value.split(","));
  const value = type === "array" ? items.map((item) => toJson(item, itemsOf(schema))) : toJson(values[0] ?? "", schema);
  return compileSchema(schema)(value);
}

function typeOf({ schema }: DescribedSchema): unknown {
  const { type } = resolved(schema, schema);
  return Array.isArray(type) ? (type as readonly unknown[]).find((one) => one !== "null") : type;
}

function itemsOf({ schema, draft }: DescribedSchema): DescribedSchema {
  const { items } = resolved(schema, schema);
  const inner = typeof items === "object" && items !== null ? (items as Readonly<Record<string, unknown>>) : {};
  return { draft, schema: { ...inner, $defs: schema["$defs"] } };
}

/** One step is enough: a parameter's schema is plain, or refers to one that is. */
function resolved(
  schema: Readonly<Record<string, unknown>>,
  root: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const reference = schema["$ref"];
  if (typeof reference !== "string") return schema;
  const definitions = root["$defs"] as Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  return definitions?.[reference.slice("#/$defs/".length)] ?? {};
}

/** The value that a text stands for; the text itself where it stands for none, so that the schema refuses it. */
function toJson(text: string, schema: DescribedSchema): unknown {
  const type = typeOf(schema);
  if (type === "integer" && /^-?(0|[1-9]\d{0,15})$/.test(text)) return Number(text);
  if (type === "number" && /^-?(0|[1-9]\d{0,15})(\.\d{1,15})?([eE][+-]?\d{1,3})?$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}
