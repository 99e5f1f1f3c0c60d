import type { Definition } from "#model/definition.ts";
import { validatingPolicies } from "#model/operation-description.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { checkCel } from "#notation/cel/check.ts";
import { checkCsharp } from "#notation/csharp/check.ts";
import { NamedValues } from "#notation/named-values.ts";
import type { ArgumentUse, PolicyReading } from "#notation/policies/policy-reading.ts";
import type { Problems } from "#notation/problems.ts";
import { child } from "#notation/yaml/child.ts";
import { placeholder } from "#notation/yaml/fill.ts";
import type { Fills } from "#notation/yaml/reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import type { YamlFile } from "#notation/yaml/yaml-file.ts";
import { buildDefinition } from "./build/definition.ts";
import { asksForWsdl, schemaParts, schemasOf } from "./build/schemas.ts";
import { type ChosenEnvironment, chooseEnvironment, compareEnvironments } from "./environments/choose.ts";
import { withExceptions } from "./environments/exceptions.ts";
import { checkExpiry } from "./environments/expiry.ts";
import { inheritEnvironments } from "./environments/inherit.ts";
import { withOverlays } from "./environments/overlay.ts";
import type { DefinitionFiles } from "./files.ts";
import type { LoadOptions } from "./load.ts";
import { fetchPolicyFiles } from "./policy-files.ts";
import { fetchResources } from "./resources.ts";
import type { Secrets } from "./secrets.ts";
import { environmentsShape } from "./table/environment.ts";
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
  const unfilled = readingOf(file, problems, new NamedValues(new Map()), uses);
  const text = file.root(problems);
  const written = child(unfilled, text, "environments");
  const inputs = written === undefined ? [] : (environmentsShape.read(unfilled, written) ?? []);
  const environments = inheritEnvironments(inputs, problems);
  const environment = chooseEnvironment(environments, options.environment, file.at(0), problems);
  compareEnvironments(environments, environment, problems);
  const now = options.now ?? Date.now();
  checkExpiry(inputs, environment, problems, now);
  const overlaid = withOverlays(unfilled, text, environment.input);
  const own = environment.input.line.at(-1)?.value.exceptions ?? [];
  const { root, exceptions } = withExceptions(unfilled, overlaid, own);

  const values = await readValues(environment, options.values ?? {}, secrets, problems);
  for (const { instead } of exceptions) markNamed(values, instead ?? "");
  const policyFiles = await fetchPolicyFiles(unfilled, root, files, problems);
  const reading = withPolicyFiles({ ...readingOf(file, problems, values, uses), fills }, root, policyFiles);
  const input = rootShape.read(reading, root);
  reading.fragments.checkUnused();
  if (environment.meant) reportUnused(environment, values, problems);
  const parts = schemaParts(input.schemas, uses);
  const schemas = new Set(uses.flatMap(schemasOf).map(({ name }) => name));
  const wanted = { schemas, wsdl: uses.some(({ policy, args }) => asksForWsdl(policy, args)) };
  const describes = uses.some(validates);
  const resources = await fetchResources(input, files, secrets, problems, describes, parts, wanted, options.pieces);
  const built = buildDefinition(input, environment, resources, uses, problems, now);
  const made = exceptions.length === 0 ? {} : { exceptions };
  const definition = { ...built, ...made, usesVault: secrets.usesVault };
  return { definition, file, root: overlaid, environment, values, fills };
}

/** A reading that knows no file but the definition itself. */
function readingOf(file: YamlFile, problems: Problems, values: NamedValues, uses: ArgumentUse[]): PolicyReading {
  return {
    file,
    problems,
    values,
    catalogue,
    checkCel,
    checkCsharp,
    onArgument: (use) => void uses.push(use),
    fragments: { names: [], read: () => undefined },
    readPolicyFile: () => ({}),
  };
}

function validates({ policy }: ArgumentUse): boolean {
  return validatingPolicies.has(policy);
}

/** What an exception stands in for is of use in other environments. */
function markNamed(values: NamedValues, text: string): void {
  for (const [, name = ""] of text.matchAll(placeholder)) values.find(name);
}
