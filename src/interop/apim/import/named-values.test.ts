import assert from "node:assert/strict";
import { it } from "node:test";
import { parse } from "yaml";
import { importFolder } from "./import-folder.ts";

it("named values of a vault stay there, each environment's own", () => {
  const vault = (name: string) => `https://my-vault.vault.azure.net/secrets/${name}`;
  const properties = { displayName: "key", keyVault: { secretIdentifier: vault("dev"), identityClientId: "me" } };
  const texts = new Map([["named values/k/namedValueInformation.json", JSON.stringify({ properties })]]);
  const overrides = `namedValues: [{ name: k, properties: { keyVault: { secretIdentifier: '${vault("prod")}' } } }]`;
  const elsewhere = "namedValues: [{ name: k, properties: { keyVault: { secretIdentifier: 'https://x.example/k' } } }]";
  const configurations = new Map([
    ["dev", "{}"],
    ["prod", overrides],
    ["test", elsewhere],
  ]);
  const { files, report } = importFolder({ folder: "in", texts, configurations, unread: new Map() }, {}, []);
  const { environments } = parse(files.get("sallyport.yaml") ?? "") as { environments: Record<string, unknown> };
  const value = (name: string) => ({ keyVault: { secretIdentifier: vault(name), identityClientId: "me" } });
  assert.deepEqual(environments, {
    dev: { values: { key: value("dev") } },
    prod: { values: { key: value("prod") } },
    test: { values: { key: { env: "KEY" } } },
  });
  assert.deepEqual(
    report.needs.map(({ name }) => name),
    ["KEY"],
  );
});
