import { Buffer } from "node:buffer";
import type { HeaderList } from "#model/header-list.ts";
import type { Egress } from "#model/ports.ts";
import { unusable } from "./problem.ts";

const timeoutMs = 30_000;
/** A chain of certificates is the largest answer. */
const maxBytes = 256 * 1024;
/** RFC 8555 §6.1: clients MUST say who they are. */
const userAgent = "sallyport";

export interface AcmeAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly text: string;
}

/** HTTP towards one authority: bounded in time and size, nothing but HTTPS (or loopback, for an authority on this machine). */
export class AcmeTransport {
  readonly #egress: Egress;

  constructor(egress: Egress) {
    this.#egress = egress;
  }

  get(url: string): Promise<AcmeAnswer> {
    return this.#send("GET", url, null);
  }

  head(url: string): Promise<AcmeAnswer> {
    return this.#send("HEAD", url, null);
  }

  /** @param body a flattened JWS */
  post(url: string, body: string, accept: string): Promise<AcmeAnswer> {
    return this.#send("POST", url, body, ["Content-Type", "application/jose+json", "Accept", accept]);
  }

  async #send(method: string, url: string, body: string | null, fields: readonly string[] = []): Promise<AcmeAnswer> {
    if (!isAllowed(url)) throw unusable(`the authority named an address that is no HTTPS URL: ${url.slice(0, 200)}`);
    const response = await this.#egress
      .fetch({
        url,
        method,
        headers: ["User-Agent", userAgent, ...fields],
        ...(body === null ? {} : { body: Buffer.from(body) }),
        timeoutMs,
        maxBytes,
        declared: true,
      })
      .catch((error: Error) => {
        throw unusable(`${new URL(url).host} cannot be reached: ${reasonOf(error)}`, error);
      });
    return { status: response.status, headers: response.headers, text: Buffer.from(response.body).toString("utf8") };
  }
}

function isAllowed(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed?.protocol === "https:") return true;
  return parsed?.protocol === "http:" && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(parsed.hostname);
}

/** The innermost cause says what happened: `connect ECONNREFUSED …`, `self-signed certificate`. */
function reasonOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? `${error.message} (${cause.message})` : error.message;
}
