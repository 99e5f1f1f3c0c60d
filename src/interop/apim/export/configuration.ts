import { stringify } from "yaml";
import { isRecord, parseJson } from "#interop/apim/import/information.ts";
import type { Exported } from "./export-folder.ts";

/** What APIOps lays over a folder for one environment. */
export interface Configuration {
  /** Of `configuration.<env>.yaml`. */
  readonly text: string;
  /** Paths whose difference an override cannot say. */
  readonly unsaid: readonly string[];
}

interface Override {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Kinds of resources by their folder, as configurations call them. */
const kinds: Readonly<Record<string, string>> = {
  "named values": "namedValues",
  backends: "backends",
  apis: "apis",
  loggers: "loggers",
};

/** What differs in another environment, as overrides of single properties. */
export function configurationOf(folder: Exported, other: Exported): Configuration {
  const overrides: Record<string, Override[]> = {};
  const unsaid: string[] = [];
  for (const path of new Set([...folder.files.keys(), ...other.files.keys()])) {
    const [before, after] = [folder.files.get(path), other.files.get(path)];
    if (before === after) continue;
    const [top = "", name = "", file = "", ...rest] = path.split("/");
    const kind = rest.length === 0 && file.endsWith("Information.json") ? kinds[top] : undefined;
    const properties = kind === undefined ? undefined : changedProperties(before, after);
    if (kind === undefined || properties === undefined) unsaid.push(path);
    else (overrides[kind] ??= []).push({ name, properties });
  }
  return { text: stringify(overrides, { lineWidth: 0 }), unsaid };
}

/** Undefined: something is there on one side alone. */
function changedProperties(before: string | undefined, after: string | undefined): Override["properties"] | undefined {
  const [old, fresh] = [propertiesOf(before), propertiesOf(after)];
  if (old === undefined || fresh === undefined) return undefined;
  if (Object.keys(old).some((name) => fresh[name] === undefined)) return undefined;
  const changed = Object.entries(fresh).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name]));
  return Object.fromEntries(changed);
}

function propertiesOf(text: string | undefined): Override["properties"] | undefined {
  const json = text === undefined ? undefined : parseJson(text);
  const properties = isRecord(json) ? json["properties"] : undefined;
  return isRecord(properties) ? properties : undefined;
}
