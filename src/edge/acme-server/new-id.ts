import { Buffer } from "node:buffer";
import type { Random } from "#model/ports.ts";

/** Hex: a separator can follow it. */
export function newId(random: Random): string {
  return Buffer.from(random.bytes(16)).toString("hex");
}
