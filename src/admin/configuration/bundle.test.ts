import assert from "node:assert/strict";
import { it } from "node:test";
import { nameProblem } from "./bundle.ts";

it("names that come over the network are texts below the folder, and nothing that anybody would run", () => {
  const good = ["sallyport.yaml", "openapi/orders.json", "a.wsdl", "parts/a.xsd", "shop.graphql", "pages/down.html"];
  for (const name of good) assert.equal(nameProblem(name), undefined, name);
  const bad = [
    "../a.yaml",
    "/a.yaml",
    ".a.yaml",
    "a/.b/c.yaml",
    "a//b.yaml",
    "key.pem",
    "a.ts",
    "a.sh",
    "a",
    "a.html.js",
  ];
  for (const name of bad) assert.notEqual(nameProblem(name), undefined, name);
});
