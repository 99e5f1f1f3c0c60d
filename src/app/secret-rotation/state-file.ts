import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { SecretFiles } from "#edge/secret-files.ts";
import { GatewayError } from "#model/errors.ts";
import type { RotationState } from "./state.ts";

/** @throws GatewayError `store-corrupt`, `seal-…`: nothing is changed then, since nobody knows what was under way */
export async function readState(files: SecretFiles, file: string): Promise<RotationState | null> {
  const text = await files.read(file);
  if (text === null) return null;
  try {
    const { version, ...state } = JSON.parse(text) as RotationState & { readonly version: number };
    if (version === 1) return state;
  } catch {
    // As one of another version.
  }
  throw new GatewayError("store-corrupt", 500, `${file} is damaged: restore it from a backup, or remove it`);
}

export async function writeState(files: SecretFiles, file: string, state: RotationState): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await files.write(file, JSON.stringify({ version: 1, ...state }));
}
