import { createHash, type Hash } from "node:crypto";
import { Secret } from "#model/secret.ts";

/** The same for the same settings, secrets' values included: it shows whether they changed, and stays in memory. */
export function settingsPrint(value: unknown): string {
  const hash = createHash("sha256");
  add(hash, value);
  return hash.digest("base64");
}

function add(hash: Hash, value: unknown): void {
  if (value instanceof Secret) add(hash, ["secret", value.reveal()]);
  else if (typeof value !== "object" || value === null) hash.update(`${typeof value}:${JSON.stringify(value) ?? ""};`);
  else {
    const entries = Object.entries(value);
    hash.update(`${entries.length}{`);
    for (const [key, member] of entries) {
      hash.update(`${JSON.stringify(key)}=`);
      add(hash, member);
    }
  }
}
