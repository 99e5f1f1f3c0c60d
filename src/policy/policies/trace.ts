import type { TraceSeverity } from "#model/diagnostics.ts";
import type { Exchange } from "#model/exchange.ts";
import type { LogLevel } from "#model/logs.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { argumentOf, listOf, literalText, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateTellable } from "#policy/tellable.ts";
import { type Evaluate, isValue } from "#policy/values.ts";

/** UTF-16 units, of the message and of each value. */
const maxMessage = 8192;
const maxValue = 1024;

/** Severities as levels of the log. */
const levels: Readonly<Record<TraceSeverity, LogLevel>> = { verbose: "debug", information: "info", error: "error" };

/** Goes into the request's record, and into the log from the level of the operation or its API on: usually `information`. Whatever happens to it, the request goes on. */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { clock, apiLog } = ports;
  const source = literalText(node, "source") ?? "";
  const severity = severityOf(literalText(node, "severity"));
  const level = levels[severity];
  const message = evaluateTellable(requiredValue(node, "message"), clock, maxMessage);
  const metadata = listOf(argumentOf(node, "metadata")).map((item) => linkMetadata(item, clock));
  return (exchange) => {
    const text = message(exchange);
    const more = metadata.map(({ name, value }) => [name, value(exchange)] as const);
    const detail = [`${severity} ${source}: ${text}`, ...more.map(([name, value]) => `${name}=${value}`)].join(" ");
    exchange.trail.push({ door: "policy", step: "trace", policy: nameOf(node), outcome: "passed", detail, micros: 0 });
    write(exchange, text, more);
    if (exchange.tap !== null) exchange.tap.traced({ severity, source, text, metadata: more });
    return undefined;
  };

  function write({ facts, api, route }: Exchange, text: string, more: readonly (readonly [string, string])[]): void {
    const fields = {
      requestId: facts.id,
      source,
      ...(more.length === 0 ? {} : { metadata: Object.fromEntries(more) }),
    };
    apiLog.write(api?.name ?? "", route?.operation ?? "", level, text, fields);
  }
}

function severityOf(written: string | undefined): TraceSeverity {
  return written === "information" || written === "error" ? written : "verbose";
}

function nameOf({ id, at }: PolicyNode): string {
  return id ?? `${at.file}:${at.line}`;
}

function linkMetadata(item: Argument, clock: Clock): { readonly name: string; readonly value: Evaluate<string> } {
  const entries = item.kind === "map" ? item.entries : {};
  const { name, value } = entries;
  return {
    name: name?.kind === "literal" ? String(name.value) : "",
    value: isValue(value) ? evaluateTellable(value, clock, maxValue) : () => "",
  };
}
