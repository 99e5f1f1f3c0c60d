import type { Difference } from "./difference.ts";
import { type Shape, shapeOf, typeOf } from "./json-shape.ts";
import { below, isIgnored } from "./pointer.ts";

const deepest = 64;

/**
 * Two JSON documents: first whether they are built alike, then, where they are, whether they say the same. Fields that
 * are missing below one that is missing are not told again.
 *
 * @param most differences that are looked for
 */
export function compareJson(
  old: unknown,
  fresh: unknown,
  ignored: readonly string[],
  most: number,
): readonly Difference[] {
  const shapes = compareShapes(shapeOf(old), shapeOf(fresh), ignored);
  if (shapes.length > 0) return shapes.slice(0, most);
  const values = new ValueComparison(ignored, most);
  values.compare("", "", old, fresh, 0);
  return [...values.found.values()];
}

function compareShapes(old: Shape, fresh: Shape, ignored: readonly string[]): readonly Difference[] {
  const found: Difference[] = [];
  const gone = new Set<string>();
  for (const place of new Set([...old.keys(), ...fresh.keys()])) {
    if (isIgnored(place, ignored) || hasParentIn(place, gone)) continue;
    const [was, is] = [old.get(place), fresh.get(place)];
    // A list without items says nothing of what its items are like.
    if ((was === undefined || is === undefined) && place.endsWith("/*")) gone.add(place);
    else if (is === undefined) {
      found.push({ kind: "field-missing", place, old: typesOf(was), fresh: "" });
      gone.add(place);
    } else if (was === undefined) {
      found.push({ kind: "field-added", place, old: "", fresh: typesOf(is) });
      gone.add(place);
    } else if (typesOf(was) !== typesOf(is)) {
      found.push({ kind: "field-type", place, old: typesOf(was), fresh: typesOf(is) });
      gone.add(place);
    }
  }
  return found;
}

function typesOf(types: ReadonlySet<string> | undefined): string {
  return [...(types ?? [])].toSorted().join(" or ");
}

function hasParentIn(place: string, gone: ReadonlySet<string>): boolean {
  for (let end = place.lastIndexOf("/"); end >= 0; end = place.lastIndexOf("/", end - 1)) {
    if (gone.has(place.slice(0, end))) return true;
    if (end === 0) break;
  }
  return gone.has("") && place !== "";
}

/** Values of documents that are built alike; those of a list are told of once. */
class ValueComparison {
  readonly found = new Map<string, Difference>();
  readonly #ignored: readonly string[];
  readonly #most: number;

  constructor(ignored: readonly string[], most: number) {
    this.#ignored = ignored;
    this.#most = most;
  }

  /** @param shape the place with `*` for items @param place the same with their numbers, which may be ignored by */
  compare(shape: string, place: string, old: unknown, fresh: unknown, depth: number): void {
    if (this.found.size >= this.#most || depth > deepest || isIgnored(place, this.#ignored)) return;
    if (isIgnored(shape, this.#ignored)) return;
    if (Array.isArray(old) && Array.isArray(fresh)) this.#compareLists(shape, place, old, fresh, depth);
    else if (typeOf(old) === "object" && typeOf(fresh) === "object") {
      const members = fresh as Record<string, unknown>;
      for (const [name, was] of Object.entries(old as object)) {
        // One that only some items have is missing in others by nature.
        if (Object.hasOwn(members, name)) {
          this.compare(below(shape, name), below(place, name), was, members[name], depth + 1);
        }
      }
    } else if (old !== fresh) this.#note("field-value", shape, typeOf(old), typeOf(fresh));
  }

  #compareLists(shape: string, place: string, old: unknown[], fresh: unknown[], depth: number): void {
    if (old.length !== fresh.length) return this.#note("items", shape, String(old.length), String(fresh.length));
    for (const [at, item] of old.entries()) this.compare(`${shape}/*`, `${place}/${at}`, item, fresh[at], depth + 1);
    return undefined;
  }

  #note(kind: "field-value" | "items", place: string, old: string, fresh: string): void {
    const key = `${kind} ${place}`;
    if (!this.found.has(key)) this.found.set(key, { kind, place, old, fresh });
  }
}
