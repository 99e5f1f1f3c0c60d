import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parse } from "yaml";

/**
 * Stands in for Azure's management API, which no test can reach: serves the resources of an APIOps folder in the shapes
 * that the service answers in (`value` and `nextLink`, `properties`, whole resource ids, 404 for a scope without
 * policies), a few a page.
 */
export class ManagementStandIn {
  readonly #server: Server;
  readonly #texts: ReadonlyMap<string, string>;
  readonly token = "stand-in-token";
  /** Targets that were asked for, in order. */
  readonly asked: string[] = [];
  /** Answers so many requests with 429 first. */
  busy = 0;
  /** Bytes of white space behind every answer. */
  padding = 0;
  /** Where the second page of every list is; absent: here. */
  elsewhere: string | undefined;

  private constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(texts: ReadonlyMap<string, string>): Promise<ManagementStandIn> {
    const started = new ManagementStandIn(texts);
    await new Promise<void>((resolve) => started.#server.listen(0, "127.0.0.1", resolve));
    return started;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Of the service. */
  get url(): string {
    return `${this.origin}${service}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", this.origin);
    this.asked.push(`${url.pathname.slice(service.length)}${url.search}`);
    if (request.headers.authorization !== `Bearer ${this.token}`) return void send(response, 401, { error: {} });
    if (this.busy > 0) {
      this.busy -= 1;
      response.setHeader("retry-after", "0");
      return void send(response, 429, { error: {} });
    }
    const found = this.#find(decodeURIComponent(url.pathname.slice(service.length)));
    if (found === undefined) return void send(response, 404, { error: { code: "ResourceNotFound" } });
    const body = JSON.stringify(Array.isArray(found) ? this.#page(found, url) : found);
    response.writeHead(200, { "content-type": "application/json" }).end(body + " ".repeat(this.padding));
  }

  #page(items: readonly unknown[], url: URL): unknown {
    const skip = Number(url.searchParams.get("$skip") ?? 0);
    const value = items.slice(skip, skip + pageSize);
    if (skip + pageSize >= items.length) return { value, count: items.length };
    const next = new URL(url);
    next.searchParams.set("$skip", String(skip + pageSize));
    const nextLink = this.elsewhere === undefined ? next.href : `${this.elsewhere}${next.pathname}${next.search}`;
    return { value, count: items.length, nextLink };
  }

  #find(path: string): unknown {
    const [, owner = "", isPolicy] = /^(.*?)(\/policies\/policy)?$/.exec(path) ?? [];
    if (isPolicy !== undefined) return this.#policy(folderOf(owner), path);
    if (Object.hasOwn(lists, path)) return this.#resources(...(lists[path] as [string, string]));
    const [, fragment] = /^\/policyFragments\/([^/]+)$/.exec(path) ?? [];
    if (fragment !== undefined) return this.#policy(`policy fragments/${fragment}/`, path);
    const [, kind = "", name = "", part] = /^\/(apis|products)\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    if (kind === "apis" && part === "operations") return this.#operations(name);
    if (kind === "apis" && part === "diagnostics") {
      return this.#resources(`apis/${name}/diagnostics`, "diagnosticInformation.json");
    }
    if (kind === "apis" && part === "revisions") return { value: this.#revisions(name) };
    if (kind === "apis" && part === undefined) return this.#resource(`apis/${name}/apiInformation.json`, name);
    return kind === "products" && part !== undefined ? this.#members(name, part) : undefined;
  }

  #policy(folder: string, path: string): unknown {
    const value = this.#texts.get(`${folder}policy.xml`);
    return value === undefined
      ? undefined
      : { id: idOf(path), name: "policy", properties: { format: "rawxml", value } };
  }

  #resource(path: string, name: string): Readonly<Record<string, unknown>> | undefined {
    const text = this.#texts.get(path);
    return text === undefined
      ? undefined
      : { id: idOf(`/${path}`), name, ...(JSON.parse(text) as Readonly<Record<string, unknown>>) };
  }

  /** A list of APIs has those in use alone. */
  #resources(folder: string, file: string): readonly unknown[] {
    const names = this.#names(folder).filter((name) => folder !== "apis" || !name.includes(";rev="));
    return names.map(
      (name) =>
        this.#resource(`${folder}/${name}/${file}`, name) ?? { id: idOf(`/${folder}/${name}`), name, properties: {} },
    );
  }

  #names(folder: string): readonly string[] {
    const inside = [...this.#texts.keys()].filter((path) => path.startsWith(`${folder}/`));
    return [...new Set(inside.map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""))];
  }

  #revisions(name: string): readonly unknown[] {
    const others = this.#names("apis").filter((one) => one.startsWith(`${name};rev=`));
    return [
      { apiId: `/apis/${name}`, apiRevision: "1", isCurrent: true },
      ...others.map((one) => ({ apiId: `/apis/${one}`, apiRevision: one.slice(name.length + 5), isCurrent: false })),
    ];
  }

  #members(product: string, kind: string): readonly unknown[] {
    const own = this.#names(`products/${product}/${kind}`).map((name) => ({ name, properties: {} }));
    return kind === "groups" ? [{ name: "administrators", properties: { builtIn: true } }, ...own] : own;
  }

  #operations(api: string): readonly unknown[] {
    const path = ["yaml", "json"]
      .map((kind) => `apis/${api}/specification.${kind}`)
      .find((one) => this.#texts.has(one));
    const document = parse(this.#texts.get(path ?? "") ?? "{}") as {
      paths?: Record<string, Record<string, { operationId?: string }>>;
    };
    return Object.entries(document.paths ?? {}).flatMap(([urlTemplate, item]) =>
      Object.entries(item)
        .filter(([method]) => /^(get|put|post|delete|patch|head|options)$/.test(method))
        .map(([method, { operationId = "unnamed" }]) => ({
          name: operationId,
          properties: { displayName: operationId, method: method.toUpperCase(), urlTemplate, templateParameters: [] },
        })),
    );
  }
}

const service = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/contoso";
const pageSize = 2;

/** What is asked for → where the folder has it. */
const lists: Readonly<Record<string, readonly [folder: string, file: string]>> = {
  "/apis": ["apis", "apiInformation.json"],
  "/products": ["products", "productInformation.json"],
  "/backends": ["backends", "backendInformation.json"],
  "/certificates": ["certificates", "certificateInformation.json"],
  "/schemas": ["schemas", "schemaInformation.json"],
  "/namedValues": ["named values", "namedValueInformation.json"],
  "/apiVersionSets": ["version sets", "versionSetInformation.json"],
  "/policyFragments": ["policy fragments", "policyFragmentInformation.json"],
  "/subscriptions": ["subscriptions", "subscriptionInformation.json"],
  "/loggers": ["loggers", "loggerInformation.json"],
  "/groups": ["groups", "groupInformation.json"],
};

function folderOf(owner: string): string {
  return owner === "" ? "" : `${owner.slice(1)}/`;
}

function idOf(path: string): string {
  return `${service}${path}`;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
