/** A secret of Azure Key Vault. */
export interface VaultSecret {
  /** Of the vault. */
  readonly origin: string;
  readonly path: string;
  /** What a token for this vault is for. */
  readonly resource: string;
}

/** What a reading of the definition needs of vaults. */
export interface VaultReader {
  /**
   * @param clientId of a user-assigned identity; empty: the system's own
   * @throws GatewayError with a message that may be shown, which holds no secret
   */
  read(secret: VaultSecret, clientId: string): Promise<VaultAnswer>;
}

export interface VaultAnswer {
  readonly value: string;
  /** Why it could not be had anew; null: it is what the vault says now. */
  readonly staleBecause: string | null;
}

const form =
  /^https:\/\/([a-z0-9-]{3,24})\.(vault\.azure\.net|vault\.azure\.cn|vault\.usgovcloudapi\.net)\/secrets\/([a-z0-9-]{1,127})(?:\/([0-9a-f]{32}))?\/?$/i;

/**
 * Reads a secret identifier, with a version or without. Only vaults of Azure: whoever else is asked would be given the
 * gateway's own token.
 * @see https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#object-identifiers
 */
export function parseVaultSecret(text: string): VaultSecret | undefined {
  const [, vault, cloud, name, version] = form.exec(text) ?? [];
  if (vault === undefined || cloud === undefined || name === undefined) return undefined;
  const host = cloud.toLowerCase();
  const path = `/secrets/${name}${version === undefined ? "" : `/${version}`}`;
  return { origin: `https://${vault.toLowerCase()}.${host}`, path, resource: `https://${host}` };
}
