import type { Value } from "#model/policy-tree.ts";
import type { ArgumentSpec } from "#notation/catalogue/spec.ts";
import type { XmlValue } from "./document.ts";
import { fillValue, type FilledText } from "./fill.ts";
import { csharp, type Expected, type XmlReading } from "./reading.ts";

/** What deployment tools fill in and C# has nothing like. */
const toolHole = /[$%]\{[^}\s]{1,100}\}|#\{[^}\s]{1,100}\}#/;
const toolHoles = new RegExp(toolHole, "g");
/** `{group-id}` in a text that is interpolated: to C# it is the difference of two names. */
const textHole = /(?<!\{)\{[A-Za-z]\w*(?:-\w+)+\}(?!\})/;
const textHoles = new RegExp(textHole, "g");

/** What a value that is not known is taken for where it stands in code, one after the other. */
const standIns = ["0", "true", '""', "x"];

/**
 * Reads an expression. In a `rawxml` document its text is C# as it stands; people escape it all the same, so a text
 * that does not compile is tried with its entities undone.
 */
export function readExpression(
  reading: XmlReading,
  spec: ArgumentSpec,
  value: XmlValue,
  owner: string,
): Value | undefined {
  const { problems, document } = reading;
  const at = document.source.at(value.start);
  if (spec.expression !== true && spec.type !== "condition") {
    problems.error("expression-misplaced", at, `${owner} takes no expressions`, "write the value itself, or {{name}}");
    return undefined;
  }
  const expect: Expected = spec.type === "condition" ? "bool" : "any";
  let wrong: readonly [FilledText, NonNullable<ReturnType<typeof problemOf>>] | undefined;
  for (const decode of waysToRead(reading, value)) {
    const filled = fillValue(reading, value, decode);
    if (filled === undefined) return undefined;
    const problem = problemOf(reading, value, decode, filled, expect);
    if (problem === undefined) noteHole(reading, value, filled, expect, owner);
    if (problem === undefined) return { kind: "expression", expression: csharp(filled.text.text, at, filled.secret) };
    wrong ??= [filled, problem];
  }
  if (wrong !== undefined) reportWrong(reading, ...wrong);
  return undefined;
}

/** Whether an expression compiles in any of the ways it may be read. */
export function compiles(reading: XmlReading, value: XmlValue): boolean {
  return waysToRead(reading, value).some((decode) => {
    const filled = fillValue(reading, value, decode);
    return filled !== undefined && problemOf(reading, value, decode, filled, "any") === undefined;
  });
}

/** Whether its entities are undone: `yes`, or first as it stands. */
function waysToRead({ document }: XmlReading, { start, end }: XmlValue): readonly ("yes" | "no")[] {
  if (document.form === "xml") return ["yes"];
  return document.source.text.slice(start, end).includes("&") ? ["no", "yes"] : ["no"];
}

/** An expression that a value of the environment holds. */
export function readFilledExpression(
  reading: XmlReading,
  filled: FilledText,
  start: number,
  expect: Expected,
): Value | undefined {
  const source = filled.text.text.trim();
  const problem = reading.checkCsharp(source, expect);
  if (problem === undefined) {
    return { kind: "expression", expression: csharp(source, reading.document.source.at(start), filled.secret) };
  }
  reportWrong(reading, filled, { ...problem, offset: 0 });
  return undefined;
}

function problemOf(
  reading: XmlReading,
  value: XmlValue,
  decode: "no" | "yes",
  filled: FilledText,
  expect: Expected,
): { readonly message: string; readonly offset: number } | undefined {
  const problem = reading.checkCsharp(filled.text.text, expect);
  if (problem === undefined || !reading.open) return problem;
  if (!filled.open && holeIn(filled) === undefined) return problem;
  const attempts = standIns.map((stand) => {
    const text = fillValue(reading, value, decode, stand)?.text.text ?? "";
    return reading.checkCsharp(text.replaceAll(toolHoles, stand).replaceAll(textHoles, "x"), expect);
  });
  return attempts.includes(undefined) ? undefined : problem;
}

function holeIn({ text: { text } }: FilledText): string | undefined {
  return (toolHole.exec(text) ?? textHole.exec(text))?.[0];
}

/** It compiles with something in the hole's place, and not as it stands. */
function noteHole(reading: XmlReading, value: XmlValue, filled: FilledText, expect: Expected, owner: string): void {
  const { problems, document, open } = reading;
  const hole = open ? holeIn(filled) : undefined;
  if (hole === undefined || reading.checkCsharp(filled.text.text, expect) === undefined) return;
  const fix = "give it a value: --set NAME=VALUE";
  problems.warn("template-hole", document.source.at(value.start), `${owner}: ${hole} is to be filled in before`, fix);
}

function reportWrong(
  { problems, document }: XmlReading,
  { text, secret }: FilledText,
  { message, offset }: { readonly message: string; readonly offset: number },
): void {
  const at = document.source.at(text.originOf(Math.min(Math.max(offset, 0), text.text.length)));
  // The compiler quotes what it stumbles over, and that may be the secret.
  problems.error("csharp-invalid", at, `C#: ${secret ? "it does not compile with the secret in it" : message}`);
}
