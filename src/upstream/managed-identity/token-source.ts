import type { Clock, Egress, EgressRequest, EgressResponse } from "#model/ports.ts";
import { identityFailed } from "./identity-failed.ts";
import { readTokenAnswer } from "./token-answer.ts";
import type { FetchToken } from "./token-cache.ts";

export interface TokenSourceOptions {
  /** Of the process: what the platform says about itself. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly egress: Egress;
  readonly clock: Clock;
  readonly readFile: (path: string) => Promise<string>;
  /** Waits; for the pauses between tries. */
  readonly pause: (ms: number) => Promise<void>;
}

const timeoutMs = 5000;
const maxBytes = 262_144;
const metadataHost = "http://169.254.169.254";
/** An instance that has just begun, or is asked too much, answers so for a while. */
const busy: ReadonlySet<number> = new Set([404, 410, 429, 500, 502, 503, 504]);
const pauses = [500, 1000, 2000] as const;

/**
 * How the platform gives tokens, by the variables that Azure's own libraries go by: App Service, Functions and Container
 * Apps have an endpoint of their own, Kubernetes has a file that Entra ID takes for a password, and machines have the
 * instance metadata service. Nothing that a request says decides where it is asked.
 */
export function createTokenSource(options: TokenSourceOptions): FetchToken {
  const { env } = options;
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret, AZURE_FEDERATED_TOKEN_FILE: file } = env;
  if (endpoint !== undefined && secret !== undefined) return fromEndpoint(options, endpoint, secret);
  if (file !== undefined) return fromFederation(options, file);
  return fromMetadata(options, env["AZURE_POD_IDENTITY_AUTHORITY_HOST"] ?? metadataHost);
}

/** @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference */
function fromEndpoint(options: TokenSourceOptions, endpoint: string, secret: string): FetchToken {
  return async (resource, clientId) => {
    const url = withQuery(endpoint, { "api-version": "2019-08-01", resource, ...idOf(clientId) });
    const response = await ask(options, "the identity endpoint", { url, headers: ["X-IDENTITY-HEADER", secret] });
    return readTokenAnswer("the identity endpoint", response, options.clock.now());
  };
}

/** @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#get-a-token-using-http */
function fromMetadata(options: TokenSourceOptions, host: string): FetchToken {
  return async (resource, clientId) => {
    const query = { "api-version": "2018-02-01", resource, ...idOf(clientId) };
    const url = withQuery(`${host.replace(/\/$/, "")}/metadata/identity/oauth2/token`, query);
    const request = { url, headers: ["Metadata", "true"] };
    let response = await ask(options, "the metadata service", request);
    for (const ms of pauses) {
      if (!busy.has(response.status)) break;
      await options.pause(ms);
      response = await ask(options, "the metadata service", request);
    }
    return readTokenAnswer("the metadata service", response, options.clock.now());
  };
}

/**
 * The file is read each time: Kubernetes writes it anew.
 * @see https://azure.github.io/azure-workload-identity/docs/quick-start.html
 * @see RFC 7523 §2.2
 */
function fromFederation(options: TokenSourceOptions, file: string): FetchToken {
  const { env, clock } = options;
  const authority = env["AZURE_AUTHORITY_HOST"] ?? "https://login.microsoftonline.com/";
  return async (resource, clientId) => {
    const tenant = env["AZURE_TENANT_ID"] ?? "";
    const client = clientId === "" ? (env["AZURE_CLIENT_ID"] ?? "") : clientId;
    if (!/^[\w.-]+$/.test(tenant) || client === "") {
      throw identityFailed("AZURE_TENANT_ID and AZURE_CLIENT_ID do not say whose token it is");
    }
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client,
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await assertionIn(options, file),
      // A slash at the resource's end is part of the audience, so that there are two then.
      scope: `${resource}/.default`,
    });
    const response = await ask(options, "Entra ID", {
      url: `${authority.replace(/\/$/, "")}/${tenant}/oauth2/v2.0/token`,
      method: "POST",
      headers: ["Content-Type", "application/x-www-form-urlencoded"],
      body: Buffer.from(form.toString()),
    });
    return readTokenAnswer("Entra ID", response, clock.now());
  };
}

async function assertionIn({ readFile }: TokenSourceOptions, file: string): Promise<string> {
  try {
    return (await readFile(file)).trim();
  } catch (error) {
    throw identityFailed("the file of AZURE_FEDERATED_TOKEN_FILE cannot be read", error);
  }
}

async function ask(
  { egress }: TokenSourceOptions,
  whom: string,
  request: Omit<EgressRequest, "timeoutMs" | "maxBytes" | "declared">,
): Promise<EgressResponse> {
  try {
    return await egress.fetch({ ...request, timeoutMs, maxBytes, declared: true });
  } catch (error) {
    throw identityFailed(`${whom} gave no answer`, error);
  }
}

function idOf(clientId: string): Readonly<Record<string, string>> {
  return clientId === "" ? {} : { client_id: clientId };
}

function withQuery(base: string, query: Readonly<Record<string, string>>): string {
  return `${base}${base.includes("?") ? "&" : "?"}${new URLSearchParams(query).toString()}`;
}
