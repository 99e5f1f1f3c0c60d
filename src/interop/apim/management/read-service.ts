import { isRecord } from "#interop/apim/import/information.ts";
import { fewAtATime } from "#lib/few-at-a-time.ts";
import type { ManagedResource, ManagementClient } from "./client.ts";

/** What a service has, as the texts of an APIOps folder would have it. */
export interface ReadService {
  readonly texts: ReadonlyMap<string, string>;
  /** `GET /{id}` of each API whose operations are its own, by the folder of the API. */
  readonly operations: ReadonlyMap<string, readonly string[]>;
}

/** Plain lists: where they are asked for, and where APIOps has them. */
const lists: readonly (readonly [path: string, folder: string, file: string])[] = [
  ["/namedValues", "named values", "namedValueInformation.json"],
  ["/apiVersionSets", "version sets", "versionSetInformation.json"],
  ["/backends", "backends", "backendInformation.json"],
  ["/certificates", "certificates", "certificateInformation.json"],
  ["/schemas", "schemas", "schemaInformation.json"],
  ["/loggers", "loggers", "loggerInformation.json"],
  ["/groups", "groups", "groupInformation.json"],
  ["/subscriptions", "subscriptions", "subscriptionInformation.json"],
];

/** Requests under way at a time: a service is limited in how often it may be asked. */
const parallel = 4;

/** Asks for everything that an export writes. @throws ManagementFailure */
export async function readService(client: ManagementClient): Promise<ReadService> {
  const service = new Reading(client);
  await service.policy("", "policy.xml");
  for (const [path, folder, file] of lists) await service.list(path, folder, file);
  await service.fragments();
  await service.products();
  await service.apis();
  return service;
}

class Reading implements ReadService {
  readonly texts: Map<string, string> = new Map();
  readonly operations: Map<string, readonly string[]> = new Map();
  readonly #client: ManagementClient;

  constructor(client: ManagementClient) {
    this.#client = client;
  }

  async policy(owner: string, path: string): Promise<void> {
    const text = policyOf(await this.#client.get(`${owner}/policies/policy`, { format: "rawxml" }));
    if (text !== undefined) this.texts.set(path, text);
  }

  async list(path: string, folder: string, file: string): Promise<readonly ManagedResource[]> {
    const found = await this.#client.list(path);
    for (const { name, properties } of found) this.#put(`${folder}/${name}/${file}`, properties);
    return found;
  }

  async fragments(): Promise<void> {
    await fewAtATime(await this.#client.list("/policyFragments"), parallel, async ({ name }) => {
      const text = policyOf(
        await this.#client.get(`/policyFragments/${encodeURIComponent(name)}`, { format: "rawxml" }),
      );
      if (text !== undefined) this.texts.set(`policy fragments/${name}/policy.xml`, text);
    });
  }

  async products(): Promise<void> {
    const found = await this.list("/products", "products", "productInformation.json");
    await fewAtATime(found, parallel, async ({ name }) => {
      const owner = `/products/${encodeURIComponent(name)}`;
      await this.policy(owner, `products/${name}/policy.xml`);
      for (const api of await this.#client.list(`${owner}/apis`)) {
        this.texts.set(`products/${name}/apis/${api.name}/productApiInformation.json`, "{}");
      }
      for (const group of await this.#client.list(`${owner}/groups`)) {
        // Administrators are in every product.
        if (group.name !== "administrators")
          this.texts.set(`products/${name}/groups/${group.name}/productGroupInformation.json`, "{}");
      }
    });
  }

  async apis(): Promise<void> {
    const current = await this.#client.list("/apis");
    const others = await fewAtATime(current, parallel, (api) => this.#revisionsOf(api));
    await fewAtATime([...current, ...others.flat()], parallel, (api) => this.#api(api));
  }

  /** Those that are not in use: a list of APIs has the others alone. */
  async #revisionsOf({ name }: ManagedResource): Promise<readonly ManagedResource[]> {
    const answer = await this.#client.get(`/apis/${encodeURIComponent(name)}/revisions`);
    const items = isRecord(answer) && Array.isArray(answer["value"]) ? answer["value"].filter(isRecord) : [];
    const numbers = items.filter((one) => one["isCurrent"] !== true).map((one) => String(one["apiRevision"]));
    const ids = numbers.filter((number) => /^\d{1,6}$/.test(number)).map((number) => `${name};rev=${number}`);
    const found = await fewAtATime(ids, parallel, async (id) => {
      const api = await this.#client.get(`/apis/${encodeURIComponent(id)}`);
      return isRecord(api) && isRecord(api["properties"]) ? [{ name: id, properties: api["properties"] }] : [];
    });
    return found.flat();
  }

  async #api({ name, properties }: ManagedResource): Promise<void> {
    const owner = `/apis/${encodeURIComponent(name)}`;
    const folder = `apis/${name}`;
    this.#put(`${folder}/apiInformation.json`, properties);
    await this.policy(owner, `${folder}/policy.xml`);
    for (const diagnostic of await this.#client.list(`${owner}/diagnostics`)) {
      this.#put(`${folder}/diagnostics/${diagnostic.name}/diagnosticInformation.json`, diagnostic.properties);
    }
    const found = await this.#client.list(`${owner}/operations`);
    const type = typeof properties["type"] === "string" ? properties["type"].toLowerCase() : "http";
    if (type === "http") {
      const shown = found.map((one) => `${String(one.properties["method"])} ${String(one.properties["urlTemplate"])}`);
      this.operations.set(folder, shown);
    }
    await fewAtATime(found, parallel, (operation) => {
      const path = `${folder}/operations/${operation.name}/policy.xml`;
      return this.policy(`${owner}/operations/${encodeURIComponent(operation.name)}`, path);
    });
  }

  #put(path: string, properties: Readonly<Record<string, unknown>>): void {
    this.texts.set(path, JSON.stringify({ properties }));
  }
}

function policyOf(answer: unknown): string | undefined {
  const properties = isRecord(answer) ? answer["properties"] : undefined;
  const value = isRecord(properties) ? properties["value"] : undefined;
  return typeof value === "string" ? value : undefined;
}
