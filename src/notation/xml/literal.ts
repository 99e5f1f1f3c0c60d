import type { SourcePosition } from "#model/diagnostic.ts";
import type { Value } from "#model/policy-tree.ts";
import type { ArgumentSpec } from "#notation/catalogue/spec.ts";
import { suggestion } from "#notation/nearest.ts";
import { describe, rangeProblem } from "#notation/policies/literal.ts";
import { findHole } from "./hole.ts";
import type { XmlReading } from "./reading.ts";

/** Milliseconds or bytes of one. */
const units: Readonly<Record<string, number>> = { s: 1000, ms: 1, B: 1, KiB: 1024 };

/** Checks the text of a literal against its spec and brings it into the tree's units. */
export function readLiteral(
  reading: XmlReading,
  spec: ArgumentSpec,
  text: string,
  secret: boolean,
  at: SourcePosition,
  owner: string,
): Value | undefined {
  const value = convert(spec, text);
  if (value === undefined) return refuse(reading, spec, text, secret, at, owner);
  const outside = typeof value === "number" ? rangeProblem(spec, value) : undefined;
  if (outside !== undefined) {
    reading.problems.error("value-invalid", at, `${owner} is ${shown(text, secret)}, ${outside}`);
    return undefined;
  }
  return secret ? { kind: "literal", value, secret } : { kind: "literal", value };
}

/** What one unit of XML is in the tree's; 1 for what has none. */
export function unitOf({ type, xmlUnit }: ArgumentSpec): number {
  if (type === "duration") return units[xmlUnit ?? "s"] ?? 1;
  return type === "size" ? (units[xmlUnit ?? "B"] ?? 1) : 1;
}

function convert(spec: ArgumentSpec, text: string): string | number | boolean | undefined {
  const trimmed = text.trim();
  switch (spec.type) {
    case "integer":
      return number(/^-?\d{1,15}$/, trimmed);
    case "number":
      return number(/^-?\d{1,15}(\.\d{1,15})?$/, trimmed);
    case "duration":
    case "size": {
      const amount = number(/^\d{1,15}(\.\d{1,12})?$/, trimmed);
      return amount === undefined ? undefined : Math.round(amount * unitOf(spec));
    }
    case "boolean":
    case "condition":
      return /^(true|false)$/i.test(trimmed) ? trimmed.toLowerCase() === "true" : undefined;
    case "enum":
      return (spec.values ?? []).find((one) => one.toLowerCase() === trimmed.toLowerCase());
    default:
      return text;
  }
}

function number(form: RegExp, text: string): number | undefined {
  return form.test(text) ? Number(text) : undefined;
}

function refuse(
  { problems, open }: XmlReading,
  spec: ArgumentSpec,
  text: string,
  secret: boolean,
  at: SourcePosition,
  owner: string,
): Value | undefined {
  const hole = open ? findHole(text) : undefined;
  if (hole !== undefined) {
    problems.warn(
      "template-hole",
      at,
      `${owner}: ${hole} is to be filled in before`,
      "give it a value: --set NAME=VALUE",
    );
    return { kind: "template", parts: [text] };
  }
  const fix = spec.type === "enum" ? suggestion(text, spec.values ?? [], (name) => name) : undefined;
  problems.error("value-invalid", at, `${owner} takes ${takes(spec)}, not ${shown(text, secret)}`, fix);
  return undefined;
}

function takes(spec: ArgumentSpec): string {
  if (spec.type === "duration") return spec.xmlUnit === "ms" ? "a number of milliseconds" : "a number of seconds";
  if (spec.type === "size") return spec.xmlUnit === "KiB" ? "a number of kilobytes" : "a number of bytes";
  return spec.type === "condition" ? "true, false or an expression" : describe(spec);
}

/** A secret's text is never part of a message. */
function shown(text: string, secret: boolean): string {
  return secret ? "the secret" : JSON.stringify(text.slice(0, 80));
}
