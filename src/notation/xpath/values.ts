import type { Meter } from "#notation/dom/meter.ts";
import { type DomNode, textOf } from "#notation/dom/node.ts";
import { wrong } from "./problem.ts";

/** A value of XPath 1.0; a set of nodes is in the order of the document, without repetition. */
export type Value = string | number | boolean | readonly DomNode[];

export function toText(value: Value, meter: Meter): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  const [first] = value;
  return first === undefined ? "" : textOf(first, meter);
}

export function toNumber(value: Value, meter: Meter): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  return numberOf(read(toText(value, meter), meter));
}

/** Characters that are looked at in the time of one step. */
const perStep = 256;

/** A text that is about to be gone through, paid for: long ones take their time, again and again. */
export function read(text: string, meter: Meter): string {
  meter.step(1 + Math.floor(text.length / perStep));
  return text;
}

export function toBoolean(value: Value): boolean {
  if (typeof value === "number") return value !== 0 && !Number.isNaN(value);
  return typeof value === "boolean" ? value : value.length > 0;
}

export function toNodes(value: Value): readonly DomNode[] {
  return typeof value === "object" ? value : wrong("a set of nodes is needed here, and the path gives something else");
}

export function numberOf(text: string): number {
  return /^[ \t\r\n]*-?(?:\d+(?:\.\d*)?|\.\d+)[ \t\r\n]*$/.test(text) ? Number(text) : Number.NaN;
}

/** Never with an exponent. @see XPath 1.0 §4.2, string() */
export function numberText(value: number): string {
  if (value === 0) return "0";
  const text = String(value);
  const [mantissa = "", exponent] = text.split("e", 2);
  if (exponent === undefined) return text;
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replaceAll(/[-.]/g, "");
  const shift = Number(exponent);
  return shift < 0
    ? `${sign}0.${"0".repeat(-shift - 1)}${digits}`
    : `${sign}${digits}${"0".repeat(Math.max(0, shift + 1 - digits.length))}`;
}
