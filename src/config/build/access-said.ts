import type { Api, Product } from "#model/definition.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";

const fix = "write access: public, write access rules, or put the API into a product";

/** Every operation must say who may call it: itself, through its API, or through a product that holds the API. */
export function checkAccessSaid(apis: readonly Api[], products: readonly Product[], problems: Problems): void {
  const held = new Set(products.flatMap((product) => product.apis));
  for (const api of apis) {
    if (api.access.kind !== "unsaid" || held.has(api.name)) continue;
    const silent = api.operations.filter((operation) => operation.access.kind === "unsaid");
    if (silent.length === api.operations.length) report(`nobody says who may call ${api.name}`, api.at, problems);
    else for (const { name, at } of silent) report(`nobody says who may call ${name} of ${api.name}`, at, problems);
  }
}

function report(message: string, at: SourcePosition, problems: Problems): void {
  problems.error("access-unsaid", at, message, fix);
}
