import { isRecord } from "#interop/apim/import/information.ts";
import { ManagementFailure } from "./failure.ts";

/** What a client needs of the world. */
export interface ManagementPorts {
  readonly fetch: typeof fetch;
  readonly wait: (milliseconds: number) => Promise<void>;
}

export interface ManagementSettings {
  /** Of the service: `https://management.azure.com/subscriptions/…/service/<name>`. */
  readonly url: string;
  readonly token: string;
  readonly apiVersion: string;
}

/** A resource as the management API has it. */
export interface ManagedResource {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

const maxBytes = 16 * 1024 * 1024;
const maxRequests = 50_000;
const maxPages = 1000;
const attempts = 5;
const timeoutMs = 30_000;
const longestWaitMs = 60_000;

/**
 * Asks an API of Azure's management for what a service has. Bounded in bytes, requests, pages and time; the token goes to
 * the origin that it is meant for and to no other.
 * @see https://learn.microsoft.com/rest/api/apimanagement
 */
export class ManagementClient {
  readonly #base: URL;
  readonly #settings: ManagementSettings;
  readonly #ports: ManagementPorts;
  #requests = 0;

  /** @throws ManagementFailure for what is no address to send a token to */
  constructor(settings: ManagementSettings, ports: ManagementPorts) {
    this.#base = baseOf(settings.url);
    this.#settings = settings;
    this.#ports = ports;
  }

  /** @param path below the service, encoded @returns undefined: there is no such thing */
  get(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    return this.#ask(this.#urlOf(path, query));
  }

  /** All pages of a list. */
  async list(path: string): Promise<readonly ManagedResource[]> {
    const all: ManagedResource[] = [];
    let next: URL | undefined = this.#urlOf(path, {});
    for (let page = 0; next !== undefined; page += 1) {
      if (page >= maxPages) throw malformed(path, `has more than ${maxPages} pages`);
      const answer = await this.#ask(next);
      if (answer === undefined) return all;
      const items = isRecord(answer) ? answer["value"] : undefined;
      if (!isRecord(answer) || !Array.isArray(items)) throw malformed(path, "is no list");
      all.push(...items.map((item) => resourceOf(item, path)));
      next = this.#nextOf(answer["nextLink"], path);
    }
    return all;
  }

  #urlOf(path: string, query: Readonly<Record<string, string>>): URL {
    const url = new URL(`${this.#base.href.replace(/\/+$/, "")}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    url.searchParams.set("api-version", this.#settings.apiVersion);
    return url;
  }

  /** An answer chooses no other place to send the token to. */
  #nextOf(link: unknown, path: string): URL | undefined {
    if (link === undefined || link === null || link === "") return undefined;
    const next = typeof link === "string" ? URL.parse(link, this.#base.href) : null;
    if (next === null || next.origin !== this.#base.origin) throw malformed(path, "goes on at another place");
    return next;
  }

  async #ask(url: URL): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      if ((this.#requests += 1) > maxRequests) throw malformed(url.pathname, `is past ${maxRequests} requests`);
      const response = await this.#send(url);
      const isLater = response.status === 429 || response.status === 503;
      if (!isLater || attempt === attempts) return this.#answer(response, url);
      await response.body?.cancel();
      await this.#ports.wait(waitOf(response.headers.get("retry-after"), attempt));
    }
  }

  async #send(url: URL): Promise<Response> {
    const headers = { accept: "application/json", authorization: `Bearer ${this.#settings.token}` };
    try {
      return await this.#ports.fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      const { name, cause } = error as Error;
      const why = name === "TimeoutError" ? `no answer in ${timeoutMs / 1000} s` : codeOf(cause);
      throw unreachable(url, why);
    }
  }

  async #answer(response: Response, url: URL): Promise<unknown> {
    const { status } = response;
    if (status === 404) return void (await response.body?.cancel());
    if (status === 401 || status === 403) {
      const fix = "give a token for https://management.azure.com whose owner may read the service";
      throw new ManagementFailure("management-refused", `${url.host} refused the token (${status})`, fix);
    }
    if (status !== 200) throw unreachable(url, `it answered ${status}`);
    return parsed(await textOf(response, url), url);
  }
}

/** In the clear a token is for whoever listens: that is for tests on this machine. */
function baseOf(text: string): URL {
  const url = URL.parse(text);
  const isLocal = url !== null && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  const isGood = url !== null && (url.protocol === "https:" || (url.protocol === "http:" && isLocal));
  if (!isGood || url.username !== "" || url.search !== "") {
    const fix = "write https://management.azure.com/subscriptions/…/providers/Microsoft.ApiManagement/service/<name>";
    throw new ManagementFailure("management-url", "this is no address of a service in the management API", fix);
  }
  return url;
}

function waitOf(retryAfter: string | null, attempt: number): number {
  const seconds = retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : 2 ** attempt;
  return Math.min(seconds * 1000, longestWaitMs);
}

async function textOf(response: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.byteLength;
      if (length > maxBytes) throw malformed(url.pathname, `has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ManagementFailure) throw error;
    throw unreachable(url, "the answer ended early");
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function parsed(text: string, url: URL): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(url.pathname, "is no JSON");
  }
}

function resourceOf(item: unknown, path: string): ManagedResource {
  const properties = isRecord(item) ? item["properties"] : undefined;
  if (!isRecord(item) || typeof item["name"] !== "string") throw malformed(path, "has an entry without a name");
  return { name: item["name"], properties: isRecord(properties) ? properties : {} };
}

function malformed(path: string, what: string): ManagementFailure {
  return new ManagementFailure(
    "management-answer",
    `the answer for ${path} ${what}`,
    "is this the management API of the service?",
  );
}

function unreachable(url: URL, why: string): ManagementFailure {
  return new ManagementFailure(
    "management-unreachable",
    `${url.host} could not be asked: ${why}`,
    "try again, or look at the address",
  );
}

function codeOf(cause: unknown): string {
  return isRecord(cause) && typeof cause["code"] === "string" ? cause["code"] : "no connection";
}
