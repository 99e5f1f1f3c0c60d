import { generateSchema } from "#config/schema.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { policyReference } from "./reference/policies.ts";
import { reasonReference } from "./reference/reasons.ts";

/** Files of the checkout that are made from the code, by their path; a test sees that they are true. */
export function publishedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["schema/sallyport.schema.json", `${JSON.stringify(generateSchema(), null, 2)}\n`],
    ["docs/reference/policies.md", policyReference(catalogue)],
    ["docs/reference/reasons.md", reasonReference()],
  ]);
}
