import { GatewayError } from "#model/errors.ts";

/** Part of a compressed segment cannot be read. */
export type DamageCode = "segment-damaged" | "segment-oversized";

export function segmentDamage(code: DamageCode, message: string): GatewayError {
  return new GatewayError(code, 500, message, { source: "store" });
}

/** Its code when that is what an error says; undefined for every other failure. */
export function damageOf(error: unknown): DamageCode | undefined {
  if (!(error instanceof GatewayError)) return undefined;
  return error.code === "segment-damaged" || error.code === "segment-oversized" ? error.code : undefined;
}
