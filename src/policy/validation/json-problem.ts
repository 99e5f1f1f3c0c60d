import type { DescribedSchema } from "#model/operation-description.ts";
import { withAdditional } from "./additional-properties.ts";
import { compileSchema } from "./compile-schema.ts";

/**
 * What is wrong with a text as JSON; undefined when it is right. Without a schema it has to be JSON, and nothing more.
 * @param additional another word on properties that the schema does not name; undefined: its own
 */
export function jsonProblem(
  text: string,
  schema: DescribedSchema | null,
  additional: boolean | undefined,
): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "It is no JSON.";
  }
  if (schema === null) return undefined;
  return compileSchema(additional === undefined ? schema : withAdditional(schema, additional))(value);
}
