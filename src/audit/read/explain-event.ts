import { controlEvents, type EventDetail } from "#model/control-events.ts";
import type { StoredEvent } from "#model/record.ts";
import { tokenOf, whoOf } from "./explain-who.ts";
import { type Paint, printable } from "./terminal-text.ts";

/** What was done to the gateway, by whom, and what it says of it. */
export function explainEvent(record: StoredEvent, brush: Paint): readonly string[] {
  const { id, event, time, request, environment, node, configHash, seq, hash } = record;
  const facts: (readonly [string, string | undefined])[] = [
    [
      "what",
      Object.hasOwn(controlEvents, event) ? controlEvents[event as keyof typeof controlEvents].about : undefined,
    ],
    ["when", time],
    ["who", whoOf(record)],
    ["token", tokenOf(record)],
    ["request", request],
    ["gateway", `${node}, environment ${environment}, configuration ${configHash.slice(0, 12)}`],
    ["record", `${seq}, hash ${hash.slice(0, 12)}`],
  ];
  const details = Object.entries(record.details).map(([name, value]) => [name, textOf(value)] as const);
  return [
    `${brush.strong(`Event ${printable(id)}`)} ${printable(event)}`,
    ...facts.filter(([, value]) => value !== undefined).map((fact) => lineOf(fact as readonly [string, string], brush)),
    ...(details.length === 0 ? [] : ["", brush.strong("Details"), ...details.map((detail) => lineOf(detail, brush))]),
  ];
}

function lineOf([label, value]: readonly [string, string], brush: Paint): string {
  return `  ${brush.dim(printable(label).padEnd(9))} ${printable(value)}`;
}

function textOf(value: EventDetail): string {
  return Array.isArray(value) ? value.join(", ") : String(value);
}
