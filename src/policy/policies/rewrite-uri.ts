import type { QueryRule } from "#model/query-rule.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode, Value } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { expandTemplate, type Rewritten } from "#policy/uri-template.ts";
import { encodeComponent, parameterNames, withoutParameter } from "#policy/query.ts";
import { toText } from "#policy/to-text.ts";
import { type Evaluate, evaluateBoolean, evaluateString, evaluateTemplate } from "#policy/values.ts";

export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const template = evaluateUri(requiredValue(node, "template"), clock);
  const copyUnmatched = evaluateBoolean(requiredValue(node, "copyUnmatchedParams"), clock);
  return (exchange) => {
    const { query } = exchange.request;
    const { parameters } = exchange;
    const rewritten = expandTemplate(template(exchange), { parameters, rest: restParameter(exchange), query });
    exchange.request.query = copyUnmatched(exchange)
      ? merged(rewritten, query, exchange.route?.query ?? [])
      : rewritten.query;
    exchange.request.path = rewritten.path;
    return undefined;
  };
}

/** Computed parts between written ones are values, not syntax: they are encoded before the whole is read. */
function evaluateUri(value: Value, clock: Clock): Evaluate<string> {
  if (value.kind !== "template") return evaluateString(value, clock);
  return evaluateTemplate(value.parts, clock, (part) => encodeComponent(toText(part)));
}

/** Pairs of the request that neither template names, nor this one takes values of, follow the template's own. */
function merged(rewritten: Rewritten, query: string, matched: readonly QueryRule[]): string {
  let rest = query;
  const gone = [...parameterNames(rewritten.query), ...rewritten.taken, ...matched.map(({ key }) => key)];
  for (const name of gone) rest = withoutParameter(rest, name);
  return [rewritten.query, rest].filter((part) => part !== "").join("&");
}

/** Name of the parameter that may hold several segments, from `{*name}` in the operation's template. */
function restParameter(exchange: Exchange): string | undefined {
  const template = exchange.route?.template ?? "";
  const at = template.lastIndexOf("{*");
  return at < 0 ? undefined : template.slice(at + 2, -1);
}
