import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, optionalValue, requiredValue } from "#policy/arguments.ts";
import { isJson, isXml } from "#policy/content-kind.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkConversion } from "#policy/conversion.ts";
import { type Evaluate, evaluateString } from "#policy/values.ts";

export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock, bodies } = context.ports;
  const parseDate = literalText(node, "parseDate") !== "false";
  const separator = evaluateString(requiredValue(node, "namespaceSeparator"), clock);
  const optional = (name: string): Evaluate<string | undefined> => {
    const value = optionalValue(node, name);
    return value === undefined ? () => undefined : evaluateString(value, clock);
  };
  const prefix = optional("namespacePrefix");
  const attributeBlock = optional("attributeBlockName");
  return linkConversion(node, context, {
    name: "json-to-xml",
    isSource: isJson,
    isTarget: isXml,
    contentType: "application/xml; charset=utf-8",
    settings: (exchange) => ({
      namespacePrefix: prefix(exchange),
      namespaceSeparator: separator(exchange),
      attributeBlock: attributeBlock(exchange),
      parseDate,
      maxUnits: bodies.maxBytes,
    }),
  });
}
