import { type Directive, type DirectiveSpec, piece } from "#interop/caddyfile/site/scope.ts";
import { isPlain } from "#interop/caddyfile/words/text.ts";
import { both, celText } from "#interop/caddyfile/words/cel.ts";
import { choose, type Policy } from "#interop/caddyfile/target/policy.ts";
import { responseCondition } from "./responses.ts";
import { kept, operationPolicies, operationsOf } from "./header-operations.ts";

export const headerDirectives: Readonly<Record<string, DirectiveSpec>> = {
  header: {
    matched: true,
    maps: "`set-header` in `outbound`, and in `on-error` where Caddy sets it at once",
    translate: header,
  },
  request_header: {
    matched: true,
    maps: "`set-header` in `inbound`",
    translate: (directive) => {
      const operations = operationsOf(directive, wordsOf(directive));
      return piece(
        directive,
        operations.flatMap((one) => operationPolicies(one, directive, "request")),
      );
    },
  },
};

/** Words behind the matcher. */
function wordsOf({ line, args }: Directive): Directive["line"]["args"] {
  return args.length === 0 ? [] : line.args.slice(-args.length);
}

function header(directive: Directive): ReturnType<DirectiveSpec["translate"]> {
  const { scope, names, line } = directive;
  const operations = operationsOf(directive, wordsOf(directive));
  const deferred =
    operations.some((one) => one.deferred) || (line.block ?? []).some(({ name }) => name.text === "defer");
  // A response is there: no need to wait for it.
  if (scope.moment === "response") {
    return piece(
      directive,
      operations.flatMap((one) => operationPolicies(one, directive, "response")),
    );
  }
  const id = scope.site.nextOutbound();
  const before: Policy[] = [];
  const rules = operations.flatMap((one, index) => {
    const variable = `${id}.${index}`;
    before.push(...kept(one, names, variable));
    const value = isPlain(one.value) ? undefined : `\${variables[${celText(variable)}]}`;
    return operationPolicies(one, directive, "response", value);
  });
  const match = (line.block ?? []).filter(({ name }) => name.text === "match");
  const conditions = match.map((one) => responseCondition(one, directive));
  const matched = conditions.length === 0 ? rules : [choose([{ condition: both(conditions), policies: rules }])];
  // What answers an error would take the place of fields that are there before it.
  const phase = scope.moment === "error" ? "refusal" : deferred || match.length > 0 ? "late" : "early";
  scope.site.addOutbound(id, matched, phase);
  return piece(directive, before, { outbound: id });
}
