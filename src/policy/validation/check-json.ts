import type { DescribedSchema } from "#model/operation-description.ts";
import type { HeaderList } from "#model/header-list.ts";
import { charsetOf, decodeBytes } from "#policy/charset.ts";
import { assetOf, ownBytes, type TransformAsset, type Transforms } from "#policy/transforms/transforms.ts";
import { jsonProblem, type JsonRules } from "./json-problem.ts";
import { comparesItems } from "./schema-cost.ts";

/** Bytes of a body from which comparing its items with each other takes milliseconds. */
const comparedFromBytes = 1024;

/** What is wrong with a body as JSON; undefined when it is right. A promise where it takes long. */
export function checkJson(
  body: Uint8Array,
  headers: HeaderList,
  schema: DescribedSchema | null,
  rules: JsonRules,
  transforms: Transforms,
): string | undefined | Promise<string | undefined> {
  const charset = charsetOf(headers);
  const compared = schema !== null && comparesItems(schema);
  const fromBytes = compared ? Math.min(comparedFromBytes, transforms.fromBytes) : transforms.fromBytes;
  if (body.byteLength < fromBytes) return jsonProblem(decodeBytes(body, charset), schema, rules);
  const request = { body: ownBytes(body), charset, rules };
  const asset = schema === null ? undefined : assetFor(schema);
  return transforms.run("json-schema", request, body.byteLength, asset).then((wrong) => wrong ?? undefined);
}

const assets = new WeakMap<DescribedSchema, TransformAsset>();

function assetFor(schema: DescribedSchema): TransformAsset {
  let asset = assets.get(schema);
  if (asset === undefined) assets.set(schema, (asset = assetOf(schema)));
  return asset;
}
