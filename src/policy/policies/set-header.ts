import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { fieldNameProblem } from "#notation/catalogue/field-names.ts";
import { literalText, requiredValue, valuesOf } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { safeFieldValue } from "#policy/field-value.ts";
import { responseOf, writableRequestHeaders } from "#policy/request-draft.ts";
import { type Evaluate, evaluateString } from "#policy/values.ts";

/** Fields whose values stay lines of their own: a comma is part of their syntax, or they must not be joined. */
const notJoined: ReadonlySet<string> = new Set([
  "user-agent",
  "www-authenticate",
  "proxy-authenticate",
  "cookie",
  "set-cookie",
  "warning",
  "date",
  "expires",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "retry-after",
]);

export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const name = evaluateString(requiredValue(node, "name"), clock);
  const values = valuesOf(node, "values").map((value) => evaluateString(value, clock));
  const action = literalText(node, "ifExists") ?? "override";
  const ofRequest = context.section === "inbound" || context.section === "backend";
  return (exchange) => {
    const field = checkedName(name(exchange));
    if (ofRequest) changeRequest(exchange, field, action, values);
    else change(responseOf(exchange).headers, field, action, values, exchange);
    return undefined;
  };
}

/** Checked when it runs too: a computed name must not reach Transfer-Encoding or carry a line end. */
function checkedName(name: string): string {
  const problem = fieldNameProblem(name);
  if (problem !== undefined) throw expressionFailed(`set-header: ${problem}`);
  return name;
}

function changeRequest(exchange: Exchange, name: string, action: string, values: readonly Evaluate<string>[]): void {
  if (name.toLowerCase() === "host") setHost(exchange, name, action, values);
  else change(writableRequestHeaders(exchange), name, action, values, exchange);
}

/** Host is always there, and there is one: it can be replaced, by something that is a host. @see RFC 9110 §7.2 */
function setHost(exchange: Exchange, name: string, action: string, values: readonly Evaluate<string>[]): void {
  if (action === "skip") return;
  const value = values.length === 1 ? (values[0] as Evaluate<string>)(exchange) : "";
  if (action !== "override" || !/^[A-Za-z0-9.\-_:[\]]{1,255}$/.test(value)) {
    throw expressionFailed("set-header: Host can only be replaced by one host");
  }
  writableRequestHeaders(exchange).set(name, value);
  exchange.request.hostSet = true;
}

function change(
  headers: HeaderList,
  name: string,
  action: string,
  values: readonly Evaluate<string>[],
  exchange: Exchange,
): void {
  const lowerName = name.toLowerCase();
  if (action === "skip" && headers.has(lowerName)) return;
  const added = action === "delete" ? [] : values.map((value) => safeFieldValue(value(exchange)));
  const joined = !notJoined.has(lowerName);
  const kept = action === "append" && joined ? headers.all(lowerName) : [];
  if (action !== "append" || joined) headers.delete(lowerName);
  write(headers, name, [...kept, ...added], joined);
}

function write(headers: HeaderList, name: string, values: readonly string[], joined: boolean): void {
  if (values.length === 0) return;
  if (joined) headers.append(name, values.join(","));
  else for (const value of values) headers.append(name, value);
}
