import { Document, isMap, isScalar, type YAMLMap } from "yaml";
import { type DefinitionDraft, sections, type Setting } from "./draft.ts";
import { compare } from "./artifacts.ts";
import { type Environments, sortedValues } from "./environments.ts";

const about = " An API Management service, imported by `sallyport import apim`.";

/** The text of sallyport.yaml: the same draft has the same text. */
export function definitionText(draft: DefinitionDraft, environments: Environments): string {
  const document = new Document({
    version: 1,
    errors: "api-management",
    ...(draft.dapr ? { dapr: {} } : {}),
    ...(draft.policies === undefined ? {} : { policies: draft.policies }),
  });
  document.commentBefore = [about, ...draft.remarks.map((remark) => ` ${oneLine(remark)}`)].join("\n");
  const root = document.contents as unknown as YAMLMap;
  for (const section of sections) {
    const entries = [...(draft.sections.get(section) ?? [])].toSorted(([a], [b]) => compare(a, b));
    const settings = Object.fromEntries(entries.map(([name, { value }]) => [name, plain(value)]));
    const all = section === "environments" ? environmentsOf(environments) : settings;
    if (Object.keys(all).length === 0) continue;
    const map = document.createNode(all) as YAMLMap;
    for (const [name, { comments }] of entries) comment(map, name, comments);
    const pair = document.createPair(section, map);
    if (isScalar(pair.key)) pair.key.spaceBefore = true;
    root.items.push(pair);
  }
  return document.toString({ lineWidth: 0 });
}

/** None, when nothing differs between them and nothing has a name. */
function environmentsOf({ names, values }: Environments): Readonly<Record<string, unknown>> {
  const isEmpty = [...values.values()].every((one) => one.size === 0);
  if (isEmpty && names.length === 1) return {};
  return Object.fromEntries(names.map((name) => [name, { values: sortedValues(values.get(name) ?? new Map()) }]));
}

function comment(map: YAMLMap, name: string, lines: readonly string[]): void {
  const key = map.items.find((item) => isScalar(item.key) && item.key.value === name)?.key;
  if (isMap(key) || !isScalar(key) || lines.length === 0) return;
  key.commentBefore = lines.map((line) => ` ${oneLine(line)}`).join("\n");
}

/** A line end within would end the comment, and begin YAML. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

/** Without what is undefined. */
function plain(value: Setting | undefined): unknown {
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(plain);
  const kept = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(kept.map(([name, one]) => [name, plain(one)]));
}
