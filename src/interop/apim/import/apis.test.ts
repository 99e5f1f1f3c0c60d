import assert from "node:assert/strict";
import { it } from "node:test";
import { parse } from "yaml";
import { importFolder } from "./import-folder.ts";

it("leaves out APIs of which nothing could be served, by name, and imports the others", () => {
  const json = (properties: object): string => JSON.stringify({ properties });
  const texts = new Map([
    ["apis/bare/apiInformation.json", json({ path: "bare" })],
    ["apis/bare/policy.xml", "<policies />"],
    ["apis/odata/apiInformation.json", json({ path: "odata", type: "odata" })],
    ["apis/socket/apiInformation.json", json({ path: "ws", type: "websocket", serviceUrl: "wss://ws.example.com/x" })],
    ["products/all/apis.json", '[{"name":"socket"}]'],
    ["version sets/v/apiVersionSetInformation.json", json({ versioningScheme: "Query", versionQueryName: "v" })],
  ]);
  const { files, report } = importFolder({ folder: "in", texts, configurations: new Map(), unread: new Map() }, {}, []);
  const { apis, products, versionSets } = parse(files.get("sallyport.yaml") ?? "") as Record<string, object>;
  assert.deepEqual(Object.keys(apis ?? {}), ["socket"]);
  assert.deepEqual(products, { all: { apis: ["socket"], subscription: "key" } });
  assert.deepEqual(versionSets, { v: { query: "v" } });
  assert.deepEqual(
    report.unsupported.map(({ from }) => from),
    ["apis/bare/apiInformation.json", "apis/odata/apiInformation.json", "products/all", "apis/bare/policy.xml"],
  );
});
