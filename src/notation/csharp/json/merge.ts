import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { step } from "#notation/csharp/value/run.ts";
import { mergeArrayHandlingTable, mergeNullValueHandlingTable } from "#notation/csharp/net/enums.ts";
import { deepEquals } from "./deep-equals.ts";
import { JArray, JContainer, JObject, type JToken, JValue } from "./token.ts";

const arrays = { concat: 0, union: 1, replace: 2, merge: 3 } as const;
const nulls = { ignore: 0, merge: 1 } as const;

/** Newtonsoft's `JsonMergeSettings`, with its defaults. */
export class JsonMergeSettings implements NetObject {
  readonly netType = "JsonMergeSettings";
  arrayHandling: EnumValue = new EnumValue({ id: "MergeArrayHandling", table: mergeArrayHandlingTable }, arrays.concat);
  nullHandling: EnumValue = new EnumValue(
    { id: "MergeNullValueHandling", table: mergeNullValueHandlingTable },
    nulls.ignore,
  );
}

/**
 * `JContainer.Merge`: objects are merged property by property, arrays as the settings say, everything else is
 * replaced; null changes nothing unless the settings let it.
 */
export function mergeJson(self: JToken, content: JToken, settings: JsonMergeSettings | null): void {
  step();
  const used = settings ?? new JsonMergeSettings();
  if (self instanceof JArray && content instanceof JArray) mergeArrays(self, content, used);
  if (!(self instanceof JObject) || !(content instanceof JObject)) return;
  for (const { name, value } of content.properties()) {
    const known = self.find(name);
    if (isMergeable(known, value)) mergeJson(known, value, used);
    else if (known === undefined || !isNull(value) || used.nullHandling.value === nulls.merge) {
      self.put(name, value.clone());
    }
  }
}

function mergeArrays(self: JArray, content: JArray, settings: JsonMergeSettings): void {
  const items = [...content.items];
  switch (settings.arrayHandling.value) {
    case arrays.union:
      for (const item of items) if (!self.items.some((known) => deepEquals(known, item))) self.addChild(item.clone());
      return;
    case arrays.replace:
      if (self === content) return;
      self.clear();
      break;
    case arrays.merge:
      for (const [index, item] of items.entries()) mergeItem(self, index, item, settings);
      return;
  }
  for (const item of items) self.addChild(item.clone());
}

function mergeItem(self: JArray, index: number, item: JToken, settings: JsonMergeSettings): void {
  const known = self.items[index];
  if (known === undefined) self.addChild(item.clone());
  else if (known instanceof JContainer) mergeJson(known, item, settings);
  else if (!isNull(item)) self.set(index, item.clone());
}

function isMergeable(known: JToken | undefined, value: JToken): known is JToken {
  return (known instanceof JObject && value instanceof JObject) || (known instanceof JArray && value instanceof JArray);
}

function isNull(token: JToken): boolean {
  return token instanceof JValue && token.value === null;
}
