import { suggestion } from "#notation/nearest.ts";
import type { ContextSchema } from "./context-schema.ts";

/** @returns what is wrong, each with the place; empty when nothing is */
export function contextProblems(value: unknown, schema: ContextSchema, path: string = "$"): readonly string[] {
  if (schema.anyOf !== undefined) return ofAny(value, schema.anyOf, path);
  if (schema.enum !== undefined && !schema.enum.includes(value as string)) {
    return [`${path}: one of ${schema.enum.join(", ")} is due`];
  }
  if (schema.type !== undefined && !isOf(value, schema.type)) return [`${path}: ${schema.type} is due`];
  if (typeof value === "number" && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value))) {
    return [`${path}: a number from ${schema.minimum} to ${schema.maximum} is due`];
  }
  if (schema.type === "array") {
    const { items = {} } = schema;
    return (value as unknown[]).flatMap((item, at) => contextProblems(item, items, `${path}[${at}]`));
  }
  return schema.type === "object" ? ofMembers(value as object, schema, path) : [];
}

function ofAny(value: unknown, schemas: readonly ContextSchema[], path: string): readonly string[] {
  const found = schemas.map((schema) => contextProblems(value, schema, path));
  if (found.some(({ length }) => length === 0)) return [];
  // The form that it was meant to have is the one whose type it is of.
  const meant = schemas.findIndex(({ type }) => type !== undefined && isOf(value, type));
  return found[meant] ?? [`${path}: ${schemas.map(({ type }) => type).join(" or ")} is due`];
}

function ofMembers(value: object, schema: ContextSchema, path: string): readonly string[] {
  const { properties = {}, additionalProperties, required = [] } = schema;
  const problems = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}: ${name} is missing`);
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (known === false || known === undefined) {
      const fix = suggestion(name, Object.keys(properties), (one) => one);
      problems.push(`${path}: there is no ${name} here${fix === undefined ? "" : `; ${fix}`}`);
    } else problems.push(...contextProblems(member, known, `${path}.${name}`));
  }
  return problems;
}

function isOf(value: unknown, type: NonNullable<ContextSchema["type"]>): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return type === "integer" ? Number.isSafeInteger(value) : typeof value === type;
}
