import type { CsType } from "./cs-type.ts";
import { registryHolder } from "./registry-holder.ts";

/** A type of the table by its id, for library code that makes arrays and lists. */
export function hostType(id: string): CsType {
  return registryHolder().lookup(id).self;
}
