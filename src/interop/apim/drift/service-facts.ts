import type { ReadService } from "#interop/apim/management/read-service.ts";
import { respelled, servable } from "#interop/apim/import/written-operation.ts";
import { type Facts, factsOf, operationsText } from "./facts.ts";

/** Facts of a service that was asked. */
export function factsOfService({ texts, operations }: ReadService): Facts {
  const described = [...operations].map(
    ([folder, lines]) => [`${folder}/specification`, operationsText(lines.map(spelled))] as const,
  );
  return new Map([...factsOf(texts), ...described]);
}

/** `GET /files/*` as an import would have it. */
function spelled(line: string): string {
  const space = line.indexOf(" ");
  return `${line.slice(0, space)} ${respelled(servable(line.slice(space + 1)))}`;
}

/** Without descriptions of APIs that are none of operations: a service is not asked for those. */
export function withoutOthers(expected: Facts, { operations, texts }: ReadService): Facts {
  return new Map(
    [...expected].filter(([path]) => {
      const [, folder = ""] = /^(apis\/[^/]+)\/specification$/.exec(path) ?? [];
      return folder === "" || operations.has(folder) || !texts.has(`${folder}/apiInformation.json`);
    }),
  );
}
