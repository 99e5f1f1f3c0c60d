import type { Lookup } from "./runtime-type.ts";

let held: Lookup | undefined;

/** The table in use, for members that ask values for their types. The table's own file sets it. */
export function registryHolder(): Lookup {
  if (held === undefined) throw new Error("the type table is not there yet");
  return held;
}

export function holdRegistry(registry: Lookup): void {
  held = registry;
}
