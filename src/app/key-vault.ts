import type { VaultReader } from "#model/key-vault.ts";
import { createClock } from "#threads/clock.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { KeyVault } from "#upstream/key-vault/key-vault.ts";
import { managedIdentity } from "./managed-identity.ts";

const standInVariable = "SALLYPORT_TEST_KEY_VAULT";

/** Vaults as this process's platform lets it in there. Nothing is made before a secret is asked for. */
export function openKeyVault(env: Readonly<Record<string, string | undefined>>): VaultReader {
  let opened: VaultReader | undefined;
  return { read: async (secret, clientId) => (opened ??= open(env)).read(secret, clientId) };
}

/** The failure of a token is told with the secret that needs it. */
function open(env: Readonly<Record<string, string | undefined>>): VaultReader {
  const clock = createClock();
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const standIn = env[standInVariable];
  if (standIn !== undefined && !/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(standIn)) {
    throw new Error(`${standInVariable} names no server of a test: http://127.0.0.1:PORT`);
  }
  return new KeyVault({
    egress: createEgress({ allow: [], ownAddresses: [], clock }),
    identity: managedIdentity(clock, silent),
    clock,
    ...(standIn === undefined ? {} : { standIn }),
  });
}
