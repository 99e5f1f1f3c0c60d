import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { celText } from "#interop/caddyfile/words/cel.ts";
import { isPlain, textToTemplate } from "#interop/caddyfile/words/text.ts";
import type { Policy } from "#interop/caddyfile/target/policy.ts";
import type { Directive } from "#interop/caddyfile/site/scope.ts";
import { kept, operationPolicies, readOperation } from "./header-operations.ts";
import { rewrite } from "./rewrites.ts";

/** What is sent instead of the request's own method and path. */
export function requestChange({ name, args }: Line, directive: Directive): readonly Policy[] {
  const [first] = args;
  if (name.text === "method")
    return [{ "set-method": textToTemplate(first?.text.toUpperCase() ?? "GET", directive.names) }];
  return name.text === "rewrite" ? rewrite(first?.text ?? "", directive) : [];
}

/** Fields towards the upstream, and the mark by which those of its response are known. */
export function headerRules(lines: readonly Line[], directive: Directive): readonly [readonly Policy[], string] {
  const { scope, names } = directive;
  const id = scope.site.nextOutbound();
  const before: Policy[] = [];
  const rules: Policy[] = [];
  for (const [index, { name, args }] of lines.entries()) {
    if (args[0] === undefined) continue;
    if (name.text === "header_up") {
      const operation = readOperation(args);
      if (!isUpstreamHost(operation.name, operation.value))
        before.push(...operationPolicies(operation, directive, "request"));
    }
    if (name.text !== "header_down") continue;
    const operation = readOperation(args);
    const variable = `${id}.${index}`;
    before.push(...kept(operation, names, variable));
    const value = isPlain(operation.value) ? undefined : `\${variables[${celText(variable)}]}`;
    rules.push(...operationPolicies(operation, directive, "response", value));
  }
  scope.site.addOutbound(id, rules, "proxy");
  return [before, id];
}

export function isUpstreamHost(name: string, value: string): boolean {
  return (
    name.toLowerCase() === "host" &&
    /^\{(?:upstream_hostport|http\.reverse_proxy\.upstream\.(?:hostport|host))\}$/.test(value)
  );
}
