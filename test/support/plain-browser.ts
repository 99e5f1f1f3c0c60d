/** For tests: a browser as far as pages without scripts need one: cookies, redirects, forms. */
export class PlainBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();
  /** Where it is. */
  url = "";
  text = "";
  status = 0;

  async open(url: string): Promise<void> {
    await this.#go(url, "GET", null);
  }

  /** Sends the page's first form, with these values beside those that stand in it. */
  async submit(values: Readonly<Record<string, string>> = {}): Promise<void> {
    const form = /<form[^>]*>/i.exec(this.text)?.[0] ?? "";
    const action = attribute(form, "action") ?? this.url;
    const body = new URLSearchParams();
    for (const [input] of this.text.matchAll(/<input[^>]*>/gi)) {
      const name = attribute(input, "name");
      if (name !== undefined && attribute(input, "type") === "hidden") body.set(name, attribute(input, "value") ?? "");
    }
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    await this.#go(new URL(action, this.url).href, attribute(form, "method")?.toUpperCase() ?? "GET", body);
  }

  async #go(start: string, startMethod: string, startBody: URLSearchParams | null): Promise<void> {
    let [url, method, body] = [start, startMethod, startBody];
    for (let hops = 0; hops < 15; hops += 1) {
      const jar = this.#jarOf(url);
      const headers = {
        accept: "text/html",
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
      };
      const response = await fetch(url, { method, headers, redirect: "manual", ...(body === null ? {} : { body }) });
      for (const cookie of response.headers.getSetCookie()) keep(jar, cookie);
      const location = response.headers.get("location");
      if (response.status < 300 || response.status > 399 || location === null) {
        [this.url, this.status, this.text] = [url, response.status, await response.text()];
        return;
      }
      await response.arrayBuffer();
      [url, method, body] = [new URL(location, url).href, "GET", null];
    }
    throw new Error(`too many redirects at ${url}`);
  }

  #jarOf(url: string): Map<string, string> {
    const { host } = new URL(url);
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    return jar;
  }
}

function keep(jar: Map<string, string>, cookie: string): void {
  const [pair = ""] = cookie.split(";");
  const at = pair.indexOf("=");
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  if (value === "") jar.delete(name);
  else jar.set(name, value);
}

function attribute(tag: string, name: string): string | undefined {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`, "i").exec(tag) ?? [];
  return value?.replaceAll("&amp;", "&");
}
