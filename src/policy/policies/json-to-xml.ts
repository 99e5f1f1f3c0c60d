import type { PolicyNode } from "#model/policy-tree.ts";
import { parseNetDate, roundTrip } from "#notation/liquid/net-date.ts";
import { literalText, optionalValue, requiredValue } from "#policy/arguments.ts";
import { isJson, isXml } from "#policy/content-kind.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkConversion } from "#policy/conversion.ts";
import { parseExactJson } from "#policy/exact-json.ts";
import { type Evaluate, evaluateString } from "#policy/values.ts";
import { jsonToXml } from "#policy/xml/json-to-xml.ts";

export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock, bodies } = context.ports;
  const text = literalText(node, "parseDate") === "false" ? asItIs : dateOrItself;
  const separator = evaluateString(requiredValue(node, "namespaceSeparator"), clock);
  const optional = (name: string): Evaluate<string | undefined> => {
    const value = optionalValue(node, name);
    return value === undefined ? () => undefined : evaluateString(value, clock);
  };
  const prefix = optional("namespacePrefix");
  const attributeBlock = optional("attributeBlockName");
  return linkConversion(node, context, {
    isSource: isJson,
    isTarget: isXml,
    contentType: "application/xml; charset=utf-8",
    *convert(body, exchange) {
      const settings = {
        namespacePrefix: prefix(exchange),
        namespaceSeparator: separator(exchange),
        attributeBlock: attributeBlock(exchange),
        text,
        maxUnits: bodies.maxBytes,
      };
      return yield* jsonToXml(parseExactJson(body), settings);
    },
  });
}

function asItIs(text: string): string {
  return text;
}

/** Newtonsoft reads such texts as dates, and writes them as XML has dates. */
function dateOrItself(text: string): string {
  const date = parseNetDate(text);
  return date === undefined ? text : roundTrip(date);
}
