import { Buffer } from "node:buffer";
import {
  type ControlEvent,
  controlEvents,
  type EventDetail,
  type EventDetailName,
  gatewayItself,
} from "#model/control-events.ts";
import { recordSchema } from "#model/record.ts";
import type { Redaction } from "#model/redaction.ts";
import { bounded } from "./bounded.ts";
import { JsonWriter } from "./json-writer.ts";
import { PrincipalWriter } from "./principal-writer.ts";
import { maxRecordBytes, tightLimits, usualLimits } from "./record-limits.ts";

/** What is said of the gateway in each of its lines. */
export interface EventOrigin {
  readonly environment: string;
  readonly node: string;
  /** In force when the event is written. */
  readonly configHash: string;
  /** Of the configuration in force. Absent: nothing is kept out. */
  readonly redaction?: Redaction;
}

export interface EventMoment {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What people and other systems have written in words of their own; all others say who, what and when. */
const words: ReadonlySet<string> = new Set<EventDetailName>(["comment", "error", "reason"]);

/** A list has at most so many values. */
const mostValues = 50;

/** The line of an event as UTF-8 JSON without a line break, an `EventRecord` of at most 16 KiB: what is too long is cut. */
export function writeEvent(event: ControlEvent, { id, at }: EventMoment, origin: EventOrigin): string {
  const usual = lineOf(event, { id, at }, origin, 512);
  // Every unit of a text may take six bytes; with so few of them the line fits whatever it says.
  return Buffer.byteLength(usual) <= maxRecordBytes ? usual : lineOf(event, { id, at }, origin, 24);
}

function lineOf(event: ControlEvent, { id, at }: EventMoment, origin: EventOrigin, length: number): string {
  const { environment, node, configHash, redaction } = origin;
  const shown = (name: string, value: EventDetail): EventDetail =>
    typeof value === "string" && words.has(name) ? (redaction?.text(value, null).text ?? value) : value;
  const head = {
    id,
    schema: recordSchema,
    time: new Date(at).toISOString(),
    environment: bounded(environment, 128),
    node: bounded(node, 128),
    configHash: bounded(configHash, 128),
    event: event.event,
    ...(event.request === undefined ? {} : { request: bounded(event.request, 64) }),
  };
  // What the type does not have would be nothing that readers know, or that somebody has thought about.
  const details = Object.keys(controlEvents[event.event].details).flatMap((name) => {
    const value = event.details[name as EventDetailName];
    return value === undefined || value === null || value === "" ? [] : [[name, cut(shown(name, value), length)]];
  });
  const more = `"details":${JSON.stringify(Object.fromEntries(details))}`;
  return `${JSON.stringify(head).slice(0, -1)}${principalOf(event, redaction, length)},${more}}`;
}

function principalOf({ by = gatewayItself }: ControlEvent, redaction: Redaction | undefined, length: number): string {
  const json = new JsonWriter(maxRecordBytes);
  new PrincipalWriter(redaction).write(json, by, null, length < 512 ? tightLimits : usualLimits);
  return json.bytes.toString("utf8", 0, json.at);
}

function cut(value: EventDetail, length: number): EventDetail {
  if (typeof value === "string") return bounded(value, length);
  if (typeof value !== "object") return value;
  const few = value.slice(0, mostValues).map((one) => bounded(one, Math.min(length, 128)));
  return value.length > mostValues ? [...few, "…"] : few;
}
