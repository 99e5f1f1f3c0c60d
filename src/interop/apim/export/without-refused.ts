import type { Definition } from "#model/definition.ts";
import type { Exported } from "./export-folder.ts";
import { folderOf } from "./revisions.ts";

/**
 * The folder without the APIs and products that cannot be there, and without what names them. What all APIs have cannot
 * be left out: then there is none.
 */
export function withoutRefused(exported: Exported, definition: Definition): Exported | undefined {
  const owners = new Set(exported.report.impossible.map(({ owner }) => owner));
  const apis = definition.apis.filter(({ name }) => owners.has(`apis.${name}`));
  const products = definition.products.filter(({ name }) => owners.has(`products.${name}`));
  if (owners.size > apis.length + products.length) return undefined;
  const folders = apis.map((api) => folderOf(api, definition.apis));
  const gone = [
    ...folders.flatMap((folder) => [
      `apis/${folder}/`,
      ...definition.products.map(({ name }) => `products/${name}/apis/${folder}/`),
    ]),
    ...products.map(({ name }) => `products/${name}/`),
    ...subscriptionsOf(definition, new Set(apis.map(({ name }) => name)), new Set(products.map(({ name }) => name))),
  ];
  const kept = <T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map([...map].filter(([path]) => !gone.some((prefix) => path.startsWith(prefix))));
  return { files: kept(exported.files), trees: kept(exported.trees), report: exported.report };
}

function subscriptionsOf(
  { subscriptions }: Definition,
  apis: ReadonlySet<string>,
  products: ReadonlySet<string>,
): readonly string[] {
  const lost = subscriptions.filter(({ scope }) => {
    return (scope.kind === "api" && apis.has(scope.api)) || (scope.kind === "product" && products.has(scope.product));
  });
  return lost.map(({ name }) => `subscriptions/${name}/`);
}
