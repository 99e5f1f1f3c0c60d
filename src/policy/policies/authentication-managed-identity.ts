import type { PolicyNode } from "#model/policy-tree.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkManagedToken } from "#policy/managed-token.ts";
import { writableRequestHeaders } from "#policy/request-draft.ts";

/** Without a promise while there is a good token. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const use = linkManagedToken(node, context.ports);
  return (exchange) => {
    const done = use(exchange, (field) => writableRequestHeaders(exchange).set("Authorization", field));
    return done instanceof Promise ? done.then(() => undefined) : undefined;
  };
}
