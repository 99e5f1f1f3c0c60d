import { Buffer } from "node:buffer";
import { relative, sep } from "node:path";
import { sealedBytes, sealedText } from "#lib/sealed-text.ts";
import { GatewayError } from "#model/errors.ts";
import type { Random, Sealer } from "#model/ports.ts";
import { readText, writeAtomically } from "./ca-files.ts";

/** Files that hold keys: their texts are read and written here only. */
export interface SecretFiles {
  /** Null when there is none. @throws GatewayError `seal-broken`; `seal-key-missing`, `seal-key-wrong`: it is sealed by others */
  read(file: string): Promise<string | null>;
  /** Replaces it as a whole, readable by its owner only. */
  write(file: string, text: string): Promise<void>;
}

/**
 * Sealed as what they are: under their path below `root`. One that is not sealed is read as well, so that an operator can
 * put an own key there; it is sealed at the next start.
 */
export function sealedFiles(root: string, sealer: Sealer, random: Random): SecretFiles {
  return {
    read: async (file) => {
      const text = await readText(file);
      const sealed = text === null ? null : sealedBytes(text);
      return sealed === null ? text : Buffer.from(sealer.open(sealed, contextOf(root, file))).toString("utf8");
    },
    write: (file, text) => {
      const sealed = sealer.seal(Buffer.from(text), contextOf(root, file));
      return writeAtomically(file, sealedText(sealed), random);
    },
  };
}

/** Where no key is: a folder that several gateways share and have no key in common for. */
export function plainFiles(random: Random): SecretFiles {
  return { read: readPlain, write: (file, text) => writeAtomically(file, text, random) };
}

/** What somebody else has sealed there is no damaged file, which would be replaced. */
async function readPlain(file: string): Promise<string | null> {
  const text = await readText(file);
  if (text === null || sealedBytes(text) === null) return text;
  throw new GatewayError("seal-key-missing", 500, `${file} is sealed, and there is no key for it here`);
}

function contextOf(root: string, file: string): string {
  return relative(root, file).replaceAll(sep, "/");
}
