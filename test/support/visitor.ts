import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";

export interface Visit {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly setCookies: readonly string[];
  readonly text: string;
}

export interface VisitOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Redirects are followed as a browser does. Default true. */
  readonly follow?: boolean;
}

/**
 * What a browser does without its face: keeps cookies by host, and follows redirects. Each request has a connection of its
 * own, so that it may meet any worker.
 */
export class Visitor {
  /** By host name, whatever the port. */
  readonly jar: Map<string, Map<string, string>> = new Map();
  readonly #ca: string;

  constructor(ca: string) {
    this.#ca = ca;
  }

  cookie(host: string, name: string): string | undefined {
    return this.jar.get(host)?.get(name);
  }

  async go(url: string, options: VisitOptions = {}): Promise<Visit> {
    let visit = await this.#once(url, options);
    for (let steps = 0; options.follow !== false && visit.headers.location !== undefined && steps < 20; steps += 1) {
      visit = await this.#once(new URL(visit.headers.location, visit.url).href, { headers: options.headers ?? {} });
    }
    return visit;
  }

  /** As somebody at the provider's page; ends where the login leads back to. */
  async logIn(url: string, who: string): Promise<Visit> {
    const page = await this.go(url, { headers: navigation });
    if (!page.text.includes("Who are you?")) return page;
    const form = { "content-type": "application/x-www-form-urlencoded", ...navigation };
    return this.go(page.url, { method: "POST", body: `who=${who}`, headers: form });
  }

  #once(url: string, { method = "GET", headers = {}, body }: VisitOptions): Promise<Visit> {
    const { hostname, protocol } = new URL(url);
    const cookies = [...(this.jar.get(hostname) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
    const fields = cookies === "" ? headers : { ...headers, cookie: cookies };
    const send = protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const outgoing = send(url, { method, headers: fields, ca: this.#ca, agent: false }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on("end", () => {
          const setCookies = response.headers["set-cookie"] ?? [];
          this.#keep(hostname, setCookies);
          resolve({ url, status: response.statusCode ?? 0, headers: response.headers, setCookies, text });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  #keep(host: string, fields: readonly string[]): void {
    const jar = this.jar.get(host) ?? new Map<string, string>();
    this.jar.set(host, jar);
    for (const field of fields) {
      const [pair = "", ...attributes] = field.split(";");
      const split = pair.indexOf("=");
      const isGone = attributes.some((one) => /^ *(max-age=0|expires=thu, 01 jan 1970)/i.test(one));
      if (isGone) jar.delete(pair.slice(0, split));
      else jar.set(pair.slice(0, split), pair.slice(split + 1));
    }
  }
}

/** What a browser sends when a person follows a link. */
export const navigation: Readonly<Record<string, string>> = {
  accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": "document",
  "sec-fetch-site": "none",
};
