import { supportedPolicies } from "#notation/catalogue/catalogue.ts";
import { policyDefinitions } from "./policy-schema.ts";
import { accessSchema } from "./shapes/access.ts";
import { secretSchema } from "./shapes/secret.ts";
import { rootShape } from "./table/root.ts";

/**
 * The JSON Schema of sallyport.yaml (draft 2020-12), made from the shapes that read it and from the catalogue. It
 * says what can be said of the text; `sallyport check` says the rest: references, values, expressions.
 */
export function generateSchema(): object {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Sallyport definition",
    description: "sallyport.yaml: which identities may use which routes under which policies.",
    ...rootShape.schema,
    $defs: {
      placeholder: {
        type: "string",
        pattern: "\\{\\{[A-Za-z0-9][A-Za-z0-9._-]*\\}\\}",
        description: "Filled with a value of the environment.",
      },
      expression: { type: "string", pattern: "\\$\\{", description: "Holds a CEL expression: ${…}." },
      base: {
        type: "object",
        description: "Runs the broader scope's section here.",
        properties: { base: { type: ["object", "null"], maxProperties: 0 }, id: { type: "string" } },
        required: ["base"],
        additionalProperties: false,
      },
      secret: secretSchema,
      access: accessSchema,
      ...policyDefinitions(supportedPolicies),
    },
  };
}
