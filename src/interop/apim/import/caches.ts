import type { Setting, Settings } from "./draft.ts";
import type { Import } from "./import.ts";
import { type Resource, resourcesOf } from "./information.ts";
import { variableName } from "./names.ts";

/** There each region may have its cache; here a gateway has one: the default one, or else the first. */
export function importCaches(context: Import): void {
  const { draft, report } = context;
  const caches = resourcesOf(context, "caches", "cacheInformation.json");
  const chosen = caches.find(isDefault) ?? caches[0];
  for (const cache of caches) {
    if (cache !== chosen) {
      report.note(cache.path, "is the cache of another region: not carried over");
      continue;
    }
    const external = externalOf(context, cache);
    if (external === undefined) {
      report.refuse(cache.path, "does not say where the cache is: write cache.external, or its entries stay in memory");
      continue;
    }
    draft.put("cache", "external", external, [cache.path]);
    report.map(cache.path, "cache.external");
  }
}

function isDefault({ id, information }: Resource): boolean {
  return /^default$/i.test(information.text("useFromLocation") ?? id);
}

interface Connection {
  readonly host: string;
  readonly port: string;
  readonly options: ReadonlyMap<string, string>;
}

function externalOf({ draft, report }: Import, { id, path, information }: Resource): Settings | undefined {
  const connection =
    parseConnection(information.text("connectionString") ?? "") ?? ofAzure(information.text("resourceId"));
  if (connection === undefined) return undefined;
  const { host, port, options } = connection;
  const tls = /^true$/i.test(options.get("ssl") ?? "");
  const written = options.get("password");
  const isReference = written === undefined || written.includes("{{");
  if (isReference) report.need(variableName(`${id} cache password`), path, `password of the cache ${id}`);
  else draft.secrets.set(fileOf(id), `${written}\n`);
  const password: Setting = isReference ? { env: variableName(`${id} cache password`) } : { file: `./${fileOf(id)}` };
  return { url: `${tls ? "rediss" : "redis"}://${host}:${port}`, username: options.get("user"), password };
}

function fileOf(id: string): string {
  return `secrets/${variableName(id).toLowerCase()}.cache`;
}

/** `host:6380,password=…,ssl=True,abortConnect=False`. @see StackExchange.Redis, "Configuration" */
function parseConnection(text: string): Connection | undefined {
  const [place = "", ...rest] = text.split(",");
  const [, host, port] = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(place.trim()) ?? [];
  if (host === undefined) return undefined;
  const options = new Map(
    rest.map((option) => {
      const at = option.indexOf("=");
      return [option.slice(0, at).trim().toLowerCase(), option.slice(at + 1).trim()] as const;
    }),
  );
  const tls = /^true$/i.test(options.get("ssl") ?? "");
  return { host, port: port ?? (tls ? "6380" : "6379"), options };
}

/** Where Azure's own caches are, by the name of the resource. */
function ofAzure(resource: string | undefined): Connection | undefined {
  const [, name] = /\/Microsoft\.Cache\/redis\/([\w-]+)$/i.exec(resource ?? "") ?? [];
  if (name === undefined) return undefined;
  return { host: `${name.toLowerCase()}.redis.cache.windows.net`, port: "6380", options: new Map([["ssl", "true"]]) };
}
