import { hash } from "node:crypto";
import type { Diagnostic, SourcePosition } from "#model/diagnostic.ts";
import { Secret } from "#model/secret.ts";
import type { Secrets } from "./secrets.ts";
import type { SecretSource } from "./shapes/secret.ts";

/** What can only be wrong with the secrets themselves, wherever it is reported. */
const aboutSecrets: ReadonlySet<string> = new Set([
  "admin-key",
  "certificate-invalid",
  "certificate-key",
  "subscription-key-invalid",
  "subscription-key-shared",
]);

/**
 * Takes the place of secrets for whoever wants to know what a definition says and has none: where they come from is
 * told, and nothing is read there.
 */
export class StandInSecrets implements Secrets {
  readonly usesVault = false;
  readonly #places = new Set<string>();

  read(source: SecretSource): Promise<Secret | undefined> {
    this.#places.add(placeOf(source.at));
    const origin = originOf(source);
    return Promise.resolve(new Secret(origin, hash("sha256", origin, "hex")));
  }

  readBinary(source: SecretSource): Promise<Secret | undefined> {
    return this.read(source);
  }

  /** A problem that the real secret may not have. */
  excuses({ code, at }: Diagnostic): boolean {
    return aboutSecrets.has(code) || this.#places.has(placeOf(at));
  }
}

/** As the real reader says it. */
function originOf(source: SecretSource): string {
  if (source.kind === "value") return source.origin;
  if (source.kind === "vault") return `key vault ${source.secret.origin}${source.secret.path}`;
  return `${source.kind} ${source.name}`;
}

function placeOf({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}
