import { sections, type Section } from "#model/policy-tree.ts";
import type { PolicySpec } from "#notation/catalogue/spec.ts";
import { argumentsSchema } from "./argument-schema.ts";
import { type PolicyScope, policyScopes } from "./shapes/policies.ts";
import type { JsonSchema } from "./shapes/shape.ts";

type Definitions = Readonly<Record<string, JsonSchema>>;

/**
 * `policies-<scope>` for each scope, `sequence-<scope>-<section>` for each of its sections, and `policy-<name>` for
 * the arguments of each policy.
 */
export function policyDefinitions(specs: readonly PolicySpec[]): Definitions {
  const own = specs.filter(({ name }) => name !== "base");
  const documents = policyScopes.map((scope) => [`policies-${scope}`, documentSchema(scope)] as const);
  const sequences = policyScopes.flatMap((scope) =>
    sections.map((section) => [`sequence-${scope}-${section}`, sequenceSchema(own, scope, section)] as const),
  );
  const policies = own.map((spec) => [`policy-${spec.name}`, argumentsSchema(spec)] as const);
  return {
    ...Object.fromEntries([...documents, ...sequences, ...policies]),
    "sequence-inner": { type: "array", items: itemSchema(own) },
  };
}

function documentSchema(scope: PolicyScope): JsonSchema {
  const reference = (section: Section): JsonSchema => ({ $ref: `#/$defs/sequence-${scope}-${section}` });
  const bySection = {
    type: "object",
    description: "Policies by section. A section that is missing runs the broader scope's only.",
    properties: Object.fromEntries(sections.map((section) => [section, reference(section)])),
    additionalProperties: false,
  };
  const file = { type: "string", description: "File with policies in API Management's XML, beside this one." };
  return { anyOf: [bySection, file] };
}

function sequenceSchema(specs: readonly PolicySpec[], scope: PolicyScope, section: Section): JsonSchema {
  const allowed = specs.filter((spec) => spec.scopes.includes(scope) && spec.sections.includes(section));
  const item = itemSchema(allowed);
  return { type: "array", items: { anyOf: [{ const: "base" }, { $ref: "#/$defs/base" }, item] } };
}

/** One policy: its name as the only key, beside an id; or the name alone. */
function itemSchema(specs: readonly PolicySpec[]): JsonSchema {
  const properties = specs.map(
    ({ name, summary }) => [name, { $ref: `#/$defs/policy-${name}`, description: summary }] as const,
  );
  return {
    anyOf: [
      { enum: specs.map(({ name }) => name) },
      {
        type: "object",
        properties: { id: { type: "string", description: "Shown in the record." }, ...Object.fromEntries(properties) },
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 2,
      },
    ],
  };
}
