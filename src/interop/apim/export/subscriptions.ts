import { type Export, putInformation } from "./export.ts";

/** Who has keys, without the keys: API Management makes its own, unless they are put there. */
export function exportSubscriptions(context: Export): void {
  const { definition, report } = context;
  for (const { name, scope, state, displayName, owner, endsAt } of definition.subscriptions) {
    const path = `subscriptions/${name}/subscriptionInformation.json`;
    putInformation(context, path, {
      displayName: displayName ?? name,
      scope:
        scope.kind === "all" ? "/apis" : scope.kind === "api" ? `/apis/${scope.api}` : `/products/${scope.product}`,
      state,
      ...(owner === null ? {} : { ownerId: `/users/${owner}` }),
      ...(endsAt === null ? {} : { expirationDate: new Date(endsAt).toISOString() }),
    });
    report.change(`subscriptions.${name}`, "its keys do not go along: put them there, or hand out new ones");
    report.map(`subscriptions.${name}`, path);
  }
}
