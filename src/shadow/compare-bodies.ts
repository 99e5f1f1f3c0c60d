import { Buffer } from "node:buffer";
import { compareJson } from "./compare-json.ts";
import { compareXml } from "./compare-xml.ts";
import type { Difference } from "./difference.ts";
import { isTooDeep } from "./json-shape.ts";
import { headerOf, type Ignored, type SeenAnswer } from "./seen-answer.ts";

/** JSON by what it is built of and says, XML by its names, everything else byte for byte. Codings have been undone before. */
export function compareBodies(
  old: SeenAnswer,
  fresh: SeenAnswer,
  ignored: Ignored,
  most: number,
): readonly Difference[] {
  const [was, is] = [wholeOf(old), wholeOf(fresh)];
  if (was === null || is === null) return compareBeginnings(old, fresh);
  const [wasJson, isJson] = [jsonOf(old, was), jsonOf(fresh, is)];
  if (wasJson !== undefined && isJson !== undefined) {
    if (isTooDeep(wasJson.document) || isTooDeep(isJson.document)) return compareBytes(was, is);
    return compareJson(wasJson.document, isJson.document, ignored.fields, most);
  }
  if (wasJson !== undefined || isJson !== undefined) {
    return [{ kind: "body-kind", place: "", old: kindOf(wasJson, was), fresh: kindOf(isJson, is) }];
  }
  if (isXml(old) && isXml(fresh)) return compareXml(textOf(was), textOf(is), most) ?? compareBytes(was, is);
  return compareBytes(was, is);
}

/** Null: it is not whole, or its coding could not be undone. */
function wholeOf(answer: SeenAnswer): Uint8Array | null {
  const isCoded = headerOf(answer, "content-encoding") !== null && answer.body.byteLength > 0;
  return answer.isCut || isCoded ? null : answer.body;
}

/** Of bodies that are not whole, as they came: what is there has to be the same, unless codings differ. */
function compareBeginnings(old: SeenAnswer, fresh: SeenAnswer): readonly Difference[] {
  if (headerOf(old, "content-encoding") !== headerOf(fresh, "content-encoding")) return [];
  const both = Math.min(old.body.byteLength, fresh.body.byteLength);
  if (old.isCut && fresh.isCut) return compareBytes(old.body.subarray(0, both), fresh.body.subarray(0, both));
  return old.isCut === fresh.isCut ? compareBytes(old.body, fresh.body) : [differentLength(old, fresh)];
}

function differentLength(old: SeenAnswer, fresh: SeenAnswer): Difference {
  return { kind: "body-length", place: "", old: sizeOf(old), fresh: sizeOf(fresh) };
}

function sizeOf({ body, isCut }: SeenAnswer): string {
  return `${isCut ? "more than " : ""}${body.byteLength} bytes`;
}

function compareBytes(old: Uint8Array, fresh: Uint8Array): readonly Difference[] {
  if (Buffer.compare(old, fresh) === 0) return [];
  const sizes = { old: `${old.byteLength} bytes`, fresh: `${fresh.byteLength} bytes` };
  return [{ kind: old.byteLength === fresh.byteLength ? "body-content" : "body-length", place: "", ...sizes }];
}

function isXml(answer: SeenAnswer): boolean {
  return /^[^/]+\/(?:[^+]+\+)?xml$/.test(typeOf(answer));
}

function typeOf(answer: SeenAnswer): string {
  const [type = ""] = (headerOf(answer, "content-type") ?? "").toLowerCase().split(";", 1);
  return type.trim();
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString("utf8");
}

function jsonOf(answer: SeenAnswer, body: Uint8Array): { readonly document: unknown } | undefined {
  if (!/^[^/]+\/(?:[^+]+\+)?json$/.test(typeOf(answer))) return undefined;
  try {
    return { document: JSON.parse(textOf(body)) as unknown };
  } catch {
    return undefined;
  }
}

function kindOf(json: object | undefined, body: Uint8Array): string {
  if (json !== undefined) return "JSON";
  return body.byteLength === 0 ? "nothing" : "no JSON";
}
