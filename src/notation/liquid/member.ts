import { Drop } from "liquidjs";

/** A member of what a template may look into. Own members only: what JavaScript gives every object is not the body's. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Object.hasOwn(value, name)) return (value as Readonly<Record<string, unknown>>)[name];
  return value instanceof Members ? value.liquidMethodMissing(name) : undefined;
}

/**
 * Members whose names are found in any case when no other fits exactly, as elements of XML and fields of headers are.
 * The keys are its own properties, so that loops and look-ups of the template find them.
 */
export class Members extends Drop {
  #folded: Map<string, string> | null = null;

  constructor(entries: Iterable<readonly [string, unknown]>) {
    super();
    // Defined, never assigned: a member may be called __proto__.
    for (const [name, value] of entries) {
      Object.defineProperty(this, name, { value, enumerable: true, configurable: true, writable: true });
    }
  }

  override liquidMethodMissing(key: string | number): unknown {
    this.#folded ??= new Map(Object.keys(this).map((name) => [name.toLowerCase(), name]));
    const name = this.#folded.get(String(key).toLowerCase());
    return name === undefined ? undefined : (this as unknown as Readonly<Record<string, unknown>>)[name];
  }
}

/** Members that a loop goes through as API Management's templates expect it: `item.Key`, `item.Value`. */
export class KeyedMembers extends Members {
  *[Symbol.iterator](): Generator<{ readonly Key: string; readonly Value: unknown }> {
    for (const [Key, Value] of Object.entries(this)) yield { Key, Value };
  }
}
