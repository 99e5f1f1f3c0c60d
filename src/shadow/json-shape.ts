import { below } from "./pointer.ts";

/** Deeper than any document that people write. */
const deepest = 64;
/** Places of one document; what goes beyond is not looked at. */
const mostPlaces = 2000;

/** Types by place, where items of a list share one place: what a list holds is its shape, not how much of it. */
export type Shape = ReadonlyMap<string, ReadonlySet<string>>;

export function shapeOf(document: unknown): Shape {
  const shape = new Map<string, Set<string>>();
  note(shape, "", document, 0);
  return shape;
}

export function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

function note(shape: Map<string, Set<string>>, place: string, value: unknown, depth: number): void {
  const types = shape.get(place);
  if (types === undefined && shape.size >= mostPlaces) return;
  if (types === undefined) shape.set(place, new Set([typeOf(value)]));
  else types.add(typeOf(value));
  if (depth >= deepest || typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) for (const item of value) note(shape, `${place}/*`, item, depth + 1);
  else for (const [name, member] of Object.entries(value)) note(shape, below(place, name), member, depth + 1);
}

/** Whether there is more below than is looked at. Without recursion: how deep a document is, is somebody else's choice. */
export function isTooDeep(document: unknown): boolean {
  let level: readonly unknown[] = [document];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true;
    level = level.flatMap((value) => (typeof value === "object" && value !== null ? Object.values(value) : []));
  }
  return false;
}
