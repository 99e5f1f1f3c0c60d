import { Drop } from "liquidjs";

export interface Rendering {
  /** Notes that so many units of memory are used. @throws Error when it is too much */
  readonly charge: (units: number) => void;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type Filter = (value: unknown, args: readonly unknown[], rendering: Rendering) => unknown;

/** What a value is written as: nothing for null, items of lists one behind the other. */
export function text(value: unknown): string {
  const plain: unknown = value instanceof Drop ? value.valueOf() : value;
  if (typeof plain === "string") return plain;
  if (plain === null || plain === undefined) return "";
  if (Array.isArray(plain)) return plain.map(text).join("");
  if (typeof plain === "number" || typeof plain === "boolean" || typeof plain === "bigint") return String(plain);
  return "";
}

/** 0 for what is none. */
export function number(value: unknown): number {
  const plain = Number(typeof value === "number" ? value : text(value));
  return Number.isFinite(plain) ? plain : 0;
}

export function integer(value: unknown): number {
  return Math.trunc(number(value));
}

/** A list as it is; of anything else a list of it; of null an empty one. */
export function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === null || value === undefined ? [] : [value];
}
