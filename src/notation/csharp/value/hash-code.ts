import { hashKeyOf } from "./equality.ts";
import { step } from "./run.ts";

const identities = new WeakMap<object, number>();
let lastIdentity = 0x2a5f;

/** GetHashCode: equal values have equal ones; their numbers are, as in .NET, nobody's promise. */
export function hashCodeOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  const key = hashKeyOf(value);
  if (typeof key === "object" && key !== null) return identityOf(key);
  if (typeof key === "function") return identityOf(key);
  return fnv(String(key));
}

function identityOf(object: object): number {
  let identity = identities.get(object);
  if (identity === undefined)
    identities.set(object, (identity = lastIdentity = (Math.imul(lastIdentity, 31) + 17) | 0));
  return identity;
}

function fnv(text: string): number {
  step(text.length >> 10);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash | 0;
}
