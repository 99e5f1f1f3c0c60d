import type { Ending } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { HandlerInput } from "#config/table/handler.ts";
import { buildHandler } from "./handler.ts";

export function buildEndings(
  endings: readonly Named<HandlerInput>[],
  resources: Resources,
  problems: Problems,
): readonly Ending[] {
  return endings.flatMap(({ name, at, value }) => {
    const handler = buildHandler(`the ending ${name}`, value, resources, problems);
    if (handler !== null && handler.kind !== "proxy") return [{ name, handler }];
    const message = `the ending ${name} answers nothing`;
    problems.error("key-missing", at, message, "write respond, redirect, files or fastcgi; a backend needs no ending");
    return [];
  });
}
