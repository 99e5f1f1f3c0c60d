import { catalogue } from "#notation/catalogue/catalogue.ts";
import { checkCel } from "#notation/cel/check.ts";
import { checkCsharp } from "#notation/csharp/check.ts";
import type { NamedValues } from "#notation/named-values.ts";
import type { ArgumentUse, PolicyReading } from "#notation/policies/policy-reading.ts";
import type { Problems } from "#notation/problems.ts";
import type { YamlFile } from "#notation/yaml/yaml-file.ts";

/** A reading that knows no file but the definition itself. */
export function plainReading(
  file: YamlFile,
  problems: Problems,
  values: NamedValues,
  onArgument: (use: ArgumentUse) => void,
): PolicyReading {
  return {
    file,
    problems,
    values,
    catalogue,
    checkCel,
    checkCsharp,
    onArgument,
    fragments: { names: [], read: () => undefined },
    readPolicyFile: () => ({}),
  };
}
