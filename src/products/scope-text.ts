import type { SubscriptionScope } from "#model/definition.ts";

/** As stores, the key index and records have it: `product:starter`, `api:orders` or `all`. */
export function scopeText(scope: SubscriptionScope): string {
  switch (scope.kind) {
    case "product":
      return `product:${scope.product}`;
    case "api":
      return `api:${scope.api}`;
    case "all":
      return "all";
  }
}

/** The other way. @returns undefined for what is none of the three */
export function readScope(text: string): SubscriptionScope | undefined {
  if (text === "all") return { kind: "all" };
  const [kind, name = ""] = [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1)];
  if (name === "") return undefined;
  if (kind === "product") return { kind, product: name };
  return kind === "api" ? { kind, api: name } : undefined;
}
