import type { DescribedSchema } from "#model/operation-description.ts";
import { withAdditional } from "./additional-properties.ts";
import { compileSchema } from "./compile-schema.ts";
import { foldNames, withFoldedNames } from "./folded-names.ts";

/** What a policy says of how JSON is held to a schema. */
export interface JsonRules {
  /** Another word on properties that the schema does not name; null: its own. */
  readonly additional: boolean | null;
  /** Names of properties fit in any case. */
  readonly anyCase: boolean;
}

/** What is wrong with a text as JSON; undefined when it is right. Without a schema it has to be JSON, and nothing more. */
export function jsonProblem(
  text: string,
  schema: DescribedSchema | null,
  { additional, anyCase }: JsonRules,
): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "It is no JSON.";
  }
  if (schema === null) return undefined;
  const asked = additional === null ? schema : withAdditional(schema, additional);
  if (!anyCase) return compileSchema(asked)(value);
  const folded = foldNames(value);
  // Which of the two a backend reads cannot be told.
  if (folded === undefined) return "A name stands twice in an object, in two cases, or it is nested too deep.";
  return compileSchema(withFoldedNames(asked))(folded.value);
}
