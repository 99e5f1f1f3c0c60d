import { randomBytes } from "node:crypto";
import { takeKekSource } from "#app/seal/kek-source.ts";
import { readSecrets } from "#app/seal/open-secrets.ts";

/** The text of a sealed file in the data folder of a gateway that was started without `--kek`. */
export async function unsealed(data: string, file: string): Promise<string> {
  const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
  const files = await readSecrets(data, takeKekSource(undefined, process.env), random);
  return (await files.read(file)) ?? "";
}
