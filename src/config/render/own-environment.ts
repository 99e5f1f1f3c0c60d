import { isMap, type Node, Scalar, YAMLMap } from "yaml";
import type { Reading } from "#notation/yaml/reading.ts";
import { placeholder } from "#notation/yaml/fill.ts";
import type { Parts } from "#config/read-parts.ts";
import { childAt } from "#config/environments/put-node.ts";
import type { ValueInput } from "#config/table/environment.ts";

/**
 * The one environment of a definition that is written out: values that are still named somewhere, secrets as where they
 * are read from, and its exceptions.
 * @param texts everything that may name a value
 */
export function ownEnvironment(
  reading: Reading,
  { root, environment: { name, production, input } }: Parts,
  values: Parts["values"],
  texts: readonly string[],
): Node {
  const named = new Set(texts.flatMap((text) => [...text.matchAll(placeholder)].map(([, found]) => found)));
  const left = input.values.filter((one) => named.has(one.name));
  const own = new YAMLMap();
  own.set("production", new Scalar(production));
  if (left.length > 0) own.set("values", mapOf(left.map((one) => [one.name, valueNode(values, one.name, one.value)])));
  const written = childAt(reading, childAt(reading, childAt(reading, root, "environments"), name), "exceptions").node;
  if (isMap(written)) own.set("exceptions", written);
  return mapOf([[name, own]]);
}

/** A plain value may have been set otherwise for this once. */
function valueNode(values: Parts["values"], name: string, input: ValueInput): Node {
  const found = values.find(name);
  if (input.kind === "plain") return new Scalar(found?.secret === false ? found.value : input.value);
  if (input.kind === "vault") {
    const identity: readonly Entry[] = input.clientId === "" ? [] : [["identityClientId", new Scalar(input.clientId)]];
    const identifier = new Scalar(`${input.secret.origin}${input.secret.path}`);
    return mapOf([["keyVault", mapOf([["secretIdentifier", identifier], ...identity])]]);
  }
  return mapOf([[input.kind, new Scalar(input.kind === "value" ? "" : input.name)]]);
}

type Entry = readonly [string, Node];

function mapOf(entries: readonly Entry[]): YAMLMap {
  const map = new YAMLMap();
  for (const [key, value] of entries) map.set(key, value);
  return map;
}
