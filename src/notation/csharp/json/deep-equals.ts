import { step } from "#notation/csharp/value/run.ts";
import { JObject, JProperty, type JToken, JValue } from "./token.ts";

/** Whether two tokens say the same; objects whatever the order of their properties. */
export function deepEquals(a: JToken, b: JToken): boolean {
  step();
  if (a instanceof JValue) return a.equals(b);
  if (a.tokenType !== b.tokenType) return false;
  if (a instanceof JObject && b instanceof JObject) {
    if (a.count !== b.count) return false;
    return a.properties().every((property) => {
      const other = b.find(property.name);
      return other !== undefined && deepEquals(property.value, other);
    });
  }
  const [left, right] = [a.children(), b.children()];
  if (a instanceof JProperty && b instanceof JProperty && a.name !== b.name) return false;
  return left.length === right.length && left.every((child, index) => deepEquals(child, right[index] as JToken));
}
