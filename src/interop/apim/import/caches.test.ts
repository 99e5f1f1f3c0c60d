import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { importFolder } from "./import-folder.ts";

function imported(caches: Readonly<Record<string, object>>) {
  const texts = new Map(
    Object.entries(caches).map(([id, properties]) => [
      `caches/${id}/cacheInformation.json`,
      JSON.stringify({ properties }),
    ]),
  );
  const none = new Map<string, string>();
  const { files, secrets, report } = importFolder({ folder: "in", texts, configurations: none, unread: none }, {}, []);
  const { cache } = parse(files.get("sallyport.yaml") ?? "") as { cache?: { external: object } };
  return { external: cache?.external, secrets, needs: report.needs.map(({ name }) => name) };
}

describe("caches", () => {
  it("come with their place, and their password in a file of its own", () => {
    const { external, secrets } = imported({
      westeurope: { connectionString: "other:1,password=no", useFromLocation: "westeurope" },
      main: {
        connectionString: "Shop.redis.cache.windows.net:6380,password=ab=c=,ssl=True,abortConnect=False",
        useFromLocation: "default",
      },
    });
    const password = { file: "./secrets/main.cache" };
    assert.deepEqual(external, { url: "rediss://Shop.redis.cache.windows.net:6380", password });
    assert.deepEqual([...secrets], [["secrets/main.cache", "ab=c=\n"]]);
  });

  it("whose connection is a secret are found by their resource", () => {
    const resourceId =
      "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.Cache/Redis/Shop";
    const { external, needs } = imported({ default: { connectionString: "{{5f1}}", resourceId } });
    const password = { env: "DEFAULT_CACHE_PASSWORD" };
    assert.deepEqual(external, { url: "rediss://shop.redis.cache.windows.net:6380", password });
    assert.deepEqual(needs, ["DEFAULT_CACHE_PASSWORD"]);
  });

  it("that do not say where they are leave the definition without one", () => {
    assert.equal(imported({ default: { connectionString: "{{5f1}}" } }).external, undefined);
    assert.equal(imported({}).external, undefined);
  });
});
