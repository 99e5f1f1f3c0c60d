import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import { isJson, isXml } from "#policy/content-kind.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkConversion } from "#policy/conversion.ts";
import { expressionFailed } from "#policy/failure.ts";
import { evaluateBoolean, evaluateString } from "#policy/values.ts";

export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock, bodies } = context.ports;
  const kind = evaluateString(requiredValue(node, "kind"), clock);
  const alwaysArray = evaluateBoolean(requiredValue(node, "alwaysArrayChildElements"), clock);
  return linkConversion(node, context, {
    name: "xml-to-json",
    isSource: isXml,
    isTarget: isJson,
    contentType: "application/json; charset=utf-8",
    settings: (exchange) => ({
      kind: kindOf(kind(exchange)),
      alwaysArray: alwaysArray(exchange),
      maxUnits: bodies.maxBytes,
    }),
  });
}

function kindOf(kind: string): "direct" | "javascript-friendly" {
  if (kind === "direct" || kind === "javascript-friendly") return kind;
  throw expressionFailed("kind is neither direct nor javascript-friendly");
}
