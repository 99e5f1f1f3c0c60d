import type { Definition } from "#model/definition.ts";
import { validatingPolicies } from "#model/operation-description.ts";
import { NamedValues } from "#notation/named-values.ts";
import type { ArgumentUse } from "#notation/policies/policy-reading.ts";
import type { Problems } from "#notation/problems.ts";
import type { Fills } from "#notation/yaml/reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import type { YamlFile } from "#notation/yaml/yaml-file.ts";
import { buildDefinition } from "./build/definition.ts";
import { asksForWsdl, schemaParts, schemasOf } from "./build/schemas.ts";
import type { ChosenEnvironment } from "./environments/choose.ts";
import { selectEnvironment } from "./environments/select.ts";
import { sourceWith } from "./environments/source-of.ts";
import type { DefinitionFiles } from "./files.ts";
import type { LoadOptions } from "./load.ts";
import { plainReading } from "./plain-reading.ts";
import { fetchPolicyFiles } from "./policy-files.ts";
import { fetchResources } from "./resources.ts";
import type { Secrets } from "./secrets.ts";
import { rootShape } from "./table/root.ts";
import { readValues, reportUnused } from "./values.ts";
import { withPolicyFiles } from "./xml-policies.ts";

/** What was read, and on the way there. */
export interface Parts {
  readonly definition: Omit<Definition, "files">;
  readonly file: YamlFile;
  /** The definition's text as the environment has it, values unfilled and without its exceptions. */
  readonly root: Slot;
  readonly environment: ChosenEnvironment;
  readonly values: NamedValues;
  readonly fills: Fills;
}

/** Reads a parsed definition. Means nothing when problems were reported. */
export async function readParts(
  file: YamlFile,
  options: LoadOptions,
  secrets: Secrets,
  files: DefinitionFiles,
  problems: Problems,
): Promise<Parts> {
  const fills: Fills = new Map();
  const uses: ArgumentUse[] = [];
  const onArgument = (use: ArgumentUse): void => void uses.push(use);
  const unfilled = plainReading(file, problems, new NamedValues(new Map()), onArgument);
  const now = options.now ?? Date.now();
  const { environment, root, overlaid, exceptions } = selectEnvironment(unfilled, options.environment, now);

  const values = await readValues(environment, options.values ?? {}, secrets, problems);
  // What an exception stands in for is of use in other environments.
  const told = exceptions.map((one) => ({ ...one, instead: one.instead && sourceWith(one.instead, values) }));
  const policyFiles = await fetchPolicyFiles(unfilled, root, files, problems);
  const reading = withPolicyFiles({ ...plainReading(file, problems, values, onArgument), fills }, root, policyFiles);
  const input = rootShape.read(reading, root);
  reading.fragments.checkUnused();
  if (environment.meant) reportUnused(environment, values, problems);
  const parts = schemaParts(input.schemas, uses);
  const schemas = new Set(uses.flatMap(schemasOf).map(({ name }) => name));
  const wanted = { schemas, wsdl: uses.some(({ policy, args }) => asksForWsdl(policy, args)) };
  const describes = uses.some(validates);
  const resources = await fetchResources(input, files, secrets, problems, describes, parts, wanted, options.pieces);
  const built = buildDefinition(input, environment, resources, uses, problems, now);
  const made = told.length === 0 ? {} : { exceptions: told };
  const definition = { ...built, ...made, usesVault: secrets.usesVault };
  return { definition, file, root: overlaid, environment, values, fills };
}

function validates({ policy }: ArgumentUse): boolean {
  return validatingPolicies.has(policy);
}
