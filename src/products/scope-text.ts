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
