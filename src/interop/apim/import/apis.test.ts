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
  const { timeout, rootSlash } = (apis as Record<string, Record<string, unknown>>)["socket"] ?? {};
  assert.deepEqual([timeout, rootSlash], ["300s", false]);
  assert.deepEqual(products, { all: { apis: ["socket"], subscription: "key" } });
  assert.deepEqual(versionSets, { v: { query: "v" } });
  assert.deepEqual(
    report.unsupported.map(({ from }) => from),
    ["apis/bare/apiInformation.json", "apis/odata/apiInformation.json", "products/all", "apis/bare/policy.xml"],
  );
});

it("finds an operation by what its specification calls it, and lets nobody in where policies find none", () => {
  const json = (properties: object): string => JSON.stringify({ properties });
  const deny =
    '<policies><inbound><base /><return-response><set-status code="403" /></return-response></inbound></policies>';
  const texts = new Map([
    [
      "apis/a/apiInformation.json",
      json({ path: "a", serviceUrl: "https://a.example.com", subscriptionRequired: false }),
    ],
    ["apis/a/specification.yaml", "openapi: 3.0.1\npaths: { /x: { get: { operationId: 'Get all x' } } }"],
    ["apis/a/operations/get-all-x/policy.xml", deny],
    [
      "apis/b/apiInformation.json",
      json({ path: "b", serviceUrl: "https://b.example.com", subscriptionRequired: false }),
    ],
    ["apis/b/specification.yaml", "openapi: 3.0.1\npaths: { /x: { get: { operationId: x } } }"],
    ["apis/b/operations/gone/policy.xml", deny],
  ]);
  const { files, report } = importFolder({ folder: "in", texts, configurations: new Map(), unread: new Map() }, {}, []);
  const { apis } = parse(files.get("sallyport.yaml") ?? "") as { apis: Record<string, Record<string, unknown>> };
  assert.equal(apis["a"]?.["access"], "public");
  assert.deepEqual(Object.keys(apis["a"]?.["operations"] as object), ["get-x"]);
  assert.deepEqual(apis["b"]?.["access"], [{ deny: "true" }]);
  assert.match(report.unsupported.map(({ message }) => message).join("\n"), /b lets nobody in until you say who/);
});
