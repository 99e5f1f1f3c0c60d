import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { GatewayError } from "#model/errors.ts";
import { parseVaultSecret, type VaultSecret } from "#model/key-vault.ts";

/** Where the key-encryption key is. */
export type KekSource =
  | { readonly kind: "text"; readonly from: string; readonly text: string }
  | { readonly kind: "file"; readonly path: string }
  /** systemd has put it there, readable by this service only. */
  | { readonly kind: "credential"; readonly path: string }
  | { readonly kind: "key-vault"; readonly secret: VaultSecret; readonly clientId: string }
  /** Nobody said: the file of this user; null: they have no folder for it. */
  | { readonly kind: "default"; readonly path: string | null };

type Env = Record<string, string | undefined>;

const credential = "sallyport-kek";
const forms = "file:/path, env:NAME, credential:NAME or key-vault:https://VAULT.vault.azure.net/secrets/NAME";

/**
 * Reads what `--kek` says; without it, systemd's credential `sallyport-kek`, else the user's own file.
 *
 * A variable that holds the key is taken out of `env`: no worker, no program that is called and no `{ env: … }` of a
 * definition is to see it.
 *
 * @throws GatewayError `seal-key-refused`; the message does not show the text, which may be a key in the wrong place
 */
export function takeKekSource(spec: string | undefined, env: Env): KekSource {
  if (spec === undefined) return unsaid(env);
  const [, kind = "", what = ""] = /^(file|env|credential|key-vault):(.+)$/s.exec(spec) ?? [];
  if (kind === "file") return { kind: "file", path: what };
  if (kind === "env") return variable(what, env);
  if (kind === "credential") return credentialOf(what, env);
  const vault = kind === "key-vault" ? vaultSource(what) : undefined;
  if (vault === undefined) throw unusable(`--kek (SALLYPORT_KEK) names no place: ${forms}`);
  return vault;
}

function unsaid(env: Env): KekSource {
  const folder = env["CREDENTIALS_DIRECTORY"];
  const given = folder === undefined ? undefined : join(folder, credential);
  return given !== undefined && existsSync(given)
    ? { kind: "credential", path: given }
    : { kind: "default", path: defaultFile(env) };
}

function variable(name: string, env: Env): KekSource {
  const text = env[name];
  if (text === undefined) throw unusable(`the environment variable ${name} that --kek names is not set`);
  delete env[name];
  return { kind: "text", from: `environment variable ${name}`, text };
}

function credentialOf(name: string, env: Env): KekSource {
  const folder = env["CREDENTIALS_DIRECTORY"];
  if (folder === undefined) throw unusable("--kek names a credential, and systemd has given none to this process");
  if (!/^[A-Za-z0-9._-]{1,255}$/.test(name) || name.startsWith(".")) throw unusable("--kek names no credential");
  return { kind: "credential", path: join(folder, name) };
}

/** `#client-id=…` names a user-assigned identity. */
function vaultSource(text: string): KekSource | undefined {
  const [address = "", clientId = ""] = text.split("#client-id=");
  const secret = parseVaultSecret(address);
  return secret === undefined || !/^[\w.-]*$/.test(clientId) ? undefined : { kind: "key-vault", secret, clientId };
}

/** @see https://specifications.freedesktop.org/basedir-spec/latest/ */
function defaultFile(env: Env): string | null {
  const own = process.platform === "win32" ? env["APPDATA"] : env["XDG_CONFIG_HOME"];
  const home = homeOf();
  const folder = own ?? (home === "" ? undefined : join(home, ".config"));
  return folder === undefined || folder === "" ? null : join(folder, "sallyport", "kek");
}

function homeOf(): string {
  try {
    return homedir();
  } catch {
    // A user id without an account.
    return "";
  }
}

function unusable(message: string): GatewayError {
  return new GatewayError("seal-key-refused", 500, message);
}
