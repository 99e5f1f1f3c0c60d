import type { Product } from "#model/definition.ts";
import { apimPolicies, type Export, putInformation, putPolicies } from "./export.ts";
import { tokenOfAll } from "./known-token.ts";
import { baseOf } from "./revisions.ts";
import { complete, isEmptyDocument } from "./sections.ts";

/** Groups that every service has. */
const builtIn: ReadonlySet<string> = new Set(["administrators", "developers", "guests"]);

export function exportProducts(context: Export): void {
  const groups = new Set(context.definition.products.flatMap((product) => product.groups));
  for (const group of groups) {
    if (!builtIn.has(group))
      putInformation(context, `groups/${group}/groupInformation.json`, { displayName: group, type: "custom" });
  }
  for (const product of context.definition.products) exportProduct(context, product);
}

function exportProduct(context: Export, product: Product): void {
  const { open, report, definition, files } = context;
  const owner = `products.${product.name}`;
  const folder = `products/${product.name}`;
  putInformation(context, `${folder}/productInformation.json`, {
    displayName: product.displayName,
    state: product.isPublished ? "published" : "notPublished",
    subscriptionRequired: product.subscription !== "open",
    ...(product.subscription === "open" ? {} : { approvalRequired: product.approvalRequired }),
    ...(product.subscriptionsLimit === null ? {} : { subscriptionsLimit: product.subscriptionsLimit }),
  });
  reportChanges(context, product);
  const members = definition.apis.filter(({ name }) => product.apis.includes(name));
  for (const api of new Set(members.map((one) => baseOf(one, definition.apis)))) {
    files.set(`${folder}/apis/${api}/productApiInformation.json`, "{}\n");
  }
  for (const group of product.groups) files.set(`${folder}/groups/${group}/productGroupInformation.json`, "{}\n");
  const document = apimPolicies(
    context,
    owner,
    open.products.get(product.name) ?? {},
    tokenOfAll(context, product.apis),
  );
  if (!isEmptyDocument(document)) {
    putPolicies(context, owner, `${folder}/policy.xml`, complete(document, false, product.at));
  }
  if (!report.refused(owner)) report.map(owner, folder);
}

/** A product lets in by a key alone there, and keys have no age: whoever came by identity is asked for one, and nobody comes in without. */
function reportChanges({ report }: Export, { name, subscription, members, rotation }: Product): void {
  const from = `products.${name}`;
  if (subscription === "identity" || subscription === "either") {
    report.change(from, "subscription: nobody is in it by identity there, a key is asked for");
  }
  if (members !== null) report.change(from, "members: whoever has a key is in it there");
  if (rotation !== undefined)
    report.change(from, "rotation: nobody is told there that keys are due, and none ends by itself");
}
