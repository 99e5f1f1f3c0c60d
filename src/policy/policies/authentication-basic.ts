import type { PolicyNode } from "#model/policy-tree.ts";
import { linkBasicCredentials } from "#policy/basic-credentials.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { writableRequestHeaders } from "#policy/request-draft.ts";

export function link(node: PolicyNode, context: LinkContext): Run {
  const credentials = linkBasicCredentials(node, context.ports.clock);
  return (exchange) => {
    writableRequestHeaders(exchange).set("Authorization", credentials(exchange));
    return undefined;
  };
}
