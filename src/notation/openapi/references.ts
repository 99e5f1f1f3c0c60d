import type { Slot } from "#notation/yaml/slot.ts";
import { child, scalarText } from "#notation/yaml/child.ts";
import type { OpenApiReading } from "./openapi-reading.ts";

/** A chain of references this long is a circle. */
const maxSteps = 16;

/**
 * Follows `$ref` within the document. References to other files or hosts are refused: what a definition consists of
 * is what its own files say.
 */
export function follow(reading: OpenApiReading, slot: Slot): Slot | undefined {
  let found = slot;
  for (let step = 0; step < maxSteps; step += 1) {
    const reference = child(reading, found, "$ref");
    const target = scalarText(reference);
    if (reference === undefined || target === undefined) return found;
    if (!target.startsWith("#/"))
      return report(reading, reference, `${target} is outside this document`, "bundle the document into one file");
    const next = lookUp(reading, target);
    if (next === undefined) return report(reading, reference, `${target} does not exist`);
    found = next;
  }
  return report(reading, slot, `more than ${maxSteps} references in a row`);
}

/** @see RFC 6901 §4 */
export function lookUp(reading: OpenApiReading, pointer: string): Slot | undefined {
  let found: Slot | undefined = reading.root;
  for (const token of pointer.slice(2).split("/")) {
    if (found === undefined) return undefined;
    found = child(reading, found, unescapeToken(token));
  }
  return found;
}

function unescapeToken(token: string): string {
  const plain = token.replaceAll(/%[0-9a-fA-F]{2}/g, (octet) =>
    String.fromCharCode(Number.parseInt(octet.slice(1), 16)),
  );
  return plain.replaceAll("~1", "/").replaceAll("~0", "~");
}

function report({ problems }: OpenApiReading, { at }: Slot, message: string, fix?: string): undefined {
  problems.error("openapi-invalid", at, `$ref: ${message.slice(0, 300)}`, fix);
}
