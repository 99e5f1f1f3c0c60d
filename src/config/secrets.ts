import type { SourcePosition } from "#model/diagnostic.ts";
import { GatewayError } from "#model/errors.ts";
import type { VaultReader } from "#model/key-vault.ts";
import { Secret } from "#model/secret.ts";
import type { Problems } from "#notation/problems.ts";
import { type DefinitionFiles, secretFile } from "./files.ts";
import type { SecretSource } from "./shapes/secret.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** What is asked for the secrets of a definition. */
export interface Secrets {
  /** Some secret came from a vault. */
  readonly usesVault: boolean;
  /** Undefined, and reported, when it cannot be had. */
  read(source: SecretSource): Promise<Secret | undefined>;
  /** What may be no text: bytes of a file, base64 of them, or PEM. The secret is the base64 of all. */
  readBinary(source: SecretSource): Promise<Secret | undefined>;
}

/** Fetches secrets from where the definition says they are. Messages name the place, never what was found there. */
export class SecretReader implements Secrets {
  readonly #variables: Variables;
  readonly #files: DefinitionFiles;
  readonly #problems: Problems;

  readonly #vault: VaultReader | undefined;
  usesVault = false;

  constructor(variables: Variables, files: DefinitionFiles, problems: Problems, vault?: VaultReader) {
    this.#vault = vault;
    this.#variables = variables;
    this.#files = files;
    this.#problems = problems;
  }

  async read(source: SecretSource): Promise<Secret | undefined> {
    if (source.kind === "value") return source.value === "" ? undefined : new Secret(source.origin, source.value);
    if (source.kind === "vault") return this.#fromVault(source);
    return source.kind === "env" ? this.#fromVariable(source.name, source.at) : this.#fromFile(source.name, source.at);
  }

  async readBinary(source: SecretSource): Promise<Secret | undefined> {
    if (source.kind !== "file") {
      const text = await this.read(source);
      if (text === undefined || isBase64(text.reveal())) return text;
      // A vault has a certificate in the one form or the other, whichever it was made in.
      if (text.reveal().includes("-----BEGIN ")) return new Secret(text.origin, toBase64(Buffer.from(text.reveal())));
      const message = `what ${text.origin} holds is no base64, and no PEM`;
      this.#problems.error("value-invalid", source.at, message, "write it as base64: base64 -w0 FILE");
      return undefined;
    }
    const bytes = await this.#files.bytes(source.name, source.at, secretFile);
    if (bytes === undefined) return undefined;
    const text = Buffer.from(bytes).toString("latin1");
    return new Secret(`file ${source.name}`, isBase64(text) ? text : toBase64(bytes));
  }

  async #fromVault({ secret, clientId, at }: Extract<SecretSource, { kind: "vault" }>): Promise<Secret | undefined> {
    this.usesVault = true;
    const origin = `${secret.origin}${secret.path}`;
    try {
      if (this.#vault === undefined) throw new GatewayError("internal", 500, "vaults are not asked here");
      const { value, staleBecause } = await this.#vault.read(secret, clientId);
      if (staleBecause !== null) {
        const message = `${origin} is as it was read before: ${staleBecause}`;
        this.#problems.warn("vault-stale", at, message, "look at the vault; it is asked again");
      }
      return new Secret(`key vault ${origin}`, value);
    } catch (error) {
      const why = error instanceof GatewayError ? error.message : "it failed";
      const fix =
        "give the gateway's managed identity the role Key Vault Secrets User, and see that it reaches the vault";
      this.#problems.error("vault-unavailable", at, `${origin} cannot be read: ${why}`, fix);
      return undefined;
    }
  }

  #fromVariable(name: string, at: SourcePosition): Secret | undefined {
    const value = Object.hasOwn(this.#variables, name) ? this.#variables[name] : undefined;
    if (value !== undefined && value !== "") return new Secret(`env ${name}`, value);
    const state = value === undefined ? "not set" : "empty";
    this.#problems.error(
      "secret-missing",
      at,
      `the environment variable ${name} is ${state}`,
      `set ${name} before the gateway starts`,
    );
    return undefined;
  }

  async #fromFile(name: string, at: SourcePosition): Promise<Secret | undefined> {
    const text = await this.#files.text(name, at, secretFile);
    // Editors and `echo` end a file with a line end that is no part of the secret.
    const value = text?.replace(/\r?\n$/, "");
    if (value === "") {
      this.#problems.error(
        "secret-missing",
        at,
        `the file ${this.#files.resolve(name)} is empty`,
        "write the secret into it",
      );
    }
    return value === undefined || value === "" ? undefined : new Secret(`file ${name}`, value);
  }
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function isBase64(text: string): boolean {
  return /^\s*[A-Za-z0-9+/][A-Za-z0-9+/\s]*={0,2}\s*$/.test(text);
}
