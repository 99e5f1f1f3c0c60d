import { Buffer } from "node:buffer";
import type { Answer } from "#model/decision.ts";
import { HeaderList } from "#model/header-list.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText } from "#policy/arguments.ts";
import type { Run } from "#policy/context.ts";

/** Answers where an API serves the root; players that asked for this file are no longer made. */
export function link(node: PolicyNode): Run {
  const body = Buffer.from(literalText(node, "policy") ?? "");
  return ({ facts }): Answer | undefined => {
    if (facts.path !== "/crossdomain.xml" || (facts.method !== "GET" && facts.method !== "HEAD")) return undefined;
    return {
      kind: "answer",
      status: 200,
      statusText: "OK",
      headers: new HeaderList(["Content-Type", "text/x-cross-domain-policy"]),
      body,
    };
  };
}
