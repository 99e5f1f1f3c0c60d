import type { Token } from "#interop/caddyfile/syntax/token.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { celText } from "#interop/caddyfile/words/cel.ts";
import { isPlain, literal, piecesOf, textToCel, textToTemplate } from "#interop/caddyfile/words/text.ts";
import type { Directive } from "#interop/caddyfile/site/scope.ts";
import { choose, type Policy, setVariable } from "#interop/caddyfile/target/policy.ts";

/** One change of a header field, as `header`, `request_header`, `header_up` and `header_down` write it. */
export interface HeaderOperation {
  readonly kind: "set" | "add" | "delete" | "default" | "replace";
  readonly name: string;
  readonly value: string;
  readonly replacement: string;
  readonly deferred: boolean;
  readonly at: Token;
}

/** @param words field, value, replacement */
export function readOperation(words: readonly Token[]): HeaderOperation {
  const [field, value, replacement] = words as [Token, Token?, Token?];
  const [, prefix = "", name = ""] = /^([+\-?>]?)(.*?):?$/.exec(field.text) ?? [];
  const kinds = { "+": "add", "-": "delete", "?": "default", ">": "set", "": "set" } as const;
  const kind = replacement === undefined ? (kinds[prefix as keyof typeof kinds] ?? "set") : "replace";
  const deferred = prefix === ">" || prefix === "-" || prefix === "?" || kind === "replace";
  return { kind, name, value: value?.text ?? "", replacement: replacement?.text ?? "", deferred, at: field };
}

export function operationsOf({ line }: Pick<Directive, "line">, words: readonly Token[]): readonly HeaderOperation[] {
  const own = words.length === 0 ? [] : [readOperation(words)];
  const lines = (line.block ?? []).filter(({ name }) => name.text !== "defer" && name.text !== "match");
  return [...own, ...lines.map(({ name, args }: Line) => readOperation([name, ...args]))];
}

const existing = { set: "override", add: "append", delete: "delete", default: "skip", replace: "override" } as const;

/** @param side whose fields they are; `value`: what stands for a text that was read earlier */
export function operationPolicies(
  operation: HeaderOperation,
  directive: Pick<Directive, "names" | "say">,
  side: "request" | "response",
  value: string = textToTemplate(operation.value, directive.names),
): readonly Policy[] {
  const { kind, name, at } = operation;
  // At one end, at the other, or at both.
  if (kind === "delete" && /^\*?[^*{}]+\*?$/.test(name) && name.includes("*")) return [{ "remove-headers": [name] }];
  if (/[*{}]/.test(name)) {
    directive.say("value-unsupported", `a field by a pattern: ${name}`, at);
    return [];
  }
  if (kind === "delete") return [{ "set-header": { name, ifExists: "delete" } }];
  if (kind === "replace") return replace(operation, directive, side);
  const ifExists = kind === "set" ? {} : { ifExists: existing[kind] };
  return [{ "set-header": { name, ...ifExists, values: [value] } }];
}

function replace(
  operation: HeaderOperation,
  { names, say }: Pick<Directive, "names" | "say">,
  side: string,
): readonly Policy[] {
  const { name, value, replacement, at } = operation;
  const pattern = isPlain(value) ? literal(value) : withPort(value, names.port);
  if (pattern === undefined) {
    say("value-unsupported", `a pattern that depends on the request: ${value}`, at);
    return [];
  }
  const field = celText(name.toLowerCase());
  const changed = `${side}.headers[?${field}].orValue("").replaceMatches(${celText(pattern)}, ${textToCel(replacement, names)})`;
  const policies = [{ "set-header": { name, values: [`\${${changed}}`] } }];
  return [choose([{ condition: `${field} in ${side}.headers`, policies }])];
}

/** A site at one port knows what `{http.request.local.port}` is. */
function withPort(text: string, port: number | null): string | undefined {
  const parts = piecesOf(text).map((one) =>
    typeof one === "string" ? one : one.name === "http.request.local.port" && port !== null ? String(port) : undefined,
  );
  return parts.includes(undefined) ? undefined : parts.join("");
}

/** A text that speaks of the request as it is now, kept for later. */
export function kept(operation: HeaderOperation, names: Directive["names"], variable: string): readonly Policy[] {
  return isPlain(operation.value) ? [] : [setVariable(variable, textToTemplate(operation.value, names))];
}
