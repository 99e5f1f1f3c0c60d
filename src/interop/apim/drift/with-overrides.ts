import { Environments } from "#interop/apim/import/environments.ts";
import type { Artifacts } from "#interop/apim/import/artifacts.ts";
import { ImportReport } from "#interop/apim/import/import-report.ts";
import { Information, isRecord, parseJson } from "#interop/apim/import/information.ts";

/** Kinds of resources as configurations call them, by their folder. */
const kinds: Readonly<Record<string, string>> = {
  "named values": "namedValues",
  backends: "backends",
  apis: "apis",
  products: "products",
  loggers: "loggers",
};

/** The texts of a folder as one environment has them: `configuration.<env>.yaml` laid over what it names. */
export function withOverrides({ texts, configurations }: Artifacts, environment: string): ReadonlyMap<string, string> {
  if (!configurations.has(environment)) return texts;
  const environments = new Environments(configurations, new ImportReport());
  return new Map(
    [...texts].map(([path, text]) => {
      const [top = "", id = "", file = "", ...rest] = path.split("/");
      const kind = rest.length === 0 && file.endsWith("Information.json") ? kinds[top] : undefined;
      const override = kind === undefined ? {} : environments.override(environment, kind, id);
      return [path, Object.keys(override).length === 0 ? text : overridden(text, override)] as const;
    }),
  );
}

function overridden(text: string, override: Readonly<Record<string, unknown>>): string {
  const json = parseJson(text);
  const properties = isRecord(json) && isRecord(json["properties"]) ? json["properties"] : {};
  return JSON.stringify({ properties: new Information(properties).with(override).all });
}
