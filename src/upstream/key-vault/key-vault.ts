import { GatewayError } from "#model/errors.ts";
import type { VaultAnswer, VaultReader, VaultSecret } from "#model/key-vault.ts";
import type { ManagedIdentity } from "#model/managed-identity.ts";
import type { Clock, Egress, EgressResponse } from "#model/ports.ts";

export interface KeyVaultOptions {
  readonly egress: Egress;
  readonly identity: ManagedIdentity;
  readonly clock: Pick<Clock, "mono">;
  /** Asked in the place of every vault; for tests. */
  readonly standIn?: string;
}

const timeoutMs = 10_000;
/** A secret has at most 25 KB. */
const maxBytes = 262_144;
/** A vault that gives no answer is not asked for the next secret at once: a definition may have a hundred. */
const restMs = 2000;

interface Failure {
  readonly why: string;
  readonly until: number;
}

/**
 * Secrets of Azure Key Vault, with the gateway's own identity. Each reading asks anew; when a vault gives no answer,
 * what it said last stands in. What it refuses is refused: access that was taken away is not to go on here.
 * @see https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
 */
export class KeyVault implements VaultReader {
  readonly #options: KeyVaultOptions;
  readonly #last: Map<string, string> = new Map();
  readonly #failed: Map<string, Failure> = new Map();

  constructor(options: KeyVaultOptions) {
    this.#options = options;
  }

  async read(secret: VaultSecret, clientId: string): Promise<VaultAnswer> {
    const key = `${secret.origin}${secret.path} ${clientId}`;
    const answer = await this.#fetch(secret, clientId);
    if (typeof answer === "object") {
      this.#last.set(key, answer.value);
      return { value: answer.value, staleBecause: null };
    }
    const value = this.#last.get(key);
    if (value === undefined) throw failed(answer);
    return { value, staleBecause: answer };
  }

  /** @returns why there is no answer. @throws GatewayError for a refusal */
  async #fetch(secret: VaultSecret, clientId: string): Promise<{ readonly value: string } | string> {
    const { origin } = secret;
    const before = this.#failed.get(origin);
    if (before !== undefined && before.until > this.#options.clock.mono()) return before.why;
    this.#failed.delete(origin);
    const response = await this.#ask(secret, clientId);
    const isDown = typeof response === "string" || response.status === 429 || response.status >= 500;
    if (!isDown) return { value: valueIn(origin, response) };
    const why = typeof response === "string" ? response : `${origin} answered ${response.status}`;
    this.#failed.set(origin, { why, until: this.#options.clock.mono() + restMs });
    return why;
  }

  async #ask({ origin, path, resource }: VaultSecret, clientId: string): Promise<EgressResponse | string> {
    const { egress, identity, standIn } = this.#options;
    let token: string;
    try {
      token = await identity.token(resource, clientId);
    } catch (error) {
      return `there is no token of the managed identity: ${textOf(error)}`;
    }
    try {
      const url = `${standIn ?? origin}${path}?api-version=7.4`;
      const headers = ["Authorization", `Bearer ${token}`, "Accept", "application/json"];
      return await egress.fetch({ url, headers, timeoutMs, maxBytes, declared: true });
    } catch (error) {
      return `${origin} gave no answer: ${textOf(error)}`;
    }
  }
}

function valueIn(origin: string, { status, body }: EgressResponse): string {
  if (status !== 200) throw failed(`${origin} answered ${status}`);
  let value: unknown;
  try {
    value = (JSON.parse(Buffer.from(body).toString("utf8")) as { readonly value?: unknown }).value;
  } catch {
    // Without its message, which may quote the secret.
  }
  if (typeof value === "string" && value !== "") return value;
  throw failed(`${origin} answered without a value`);
}

function textOf(error: unknown): string {
  return error instanceof GatewayError ? error.message : "it failed";
}

function failed(message: string): GatewayError {
  return new GatewayError("upstream-unavailable", 503, message, { source: "upstream" });
}
