import assert from "node:assert/strict";
import { it } from "node:test";
import { importFolder } from "./import-folder.ts";

function imported(texts: Readonly<Record<string, string>>): ReturnType<typeof importFolder> {
  const artifacts = {
    folder: "in",
    texts: new Map(Object.entries(texts)),
    configurations: new Map<string, string>(),
    unread: new Map<string, string>(),
  };
  return importFolder(artifacts, {}, []);
}

const api = (type: string): string =>
  JSON.stringify({
    properties: {
      displayName: "Shop",
      path: "shop",
      type,
      serviceUrl: "https://shop.example",
      subscriptionRequired: false,
    },
  });

it("a definition whose policies use Dapr says that there is a sidecar", () => {
  const used =
    '<policies><inbound><base /><set-backend-service backend-id="dapr" dapr-app-id="a" dapr-method="m" /></inbound></policies>';
  assert.match(imported({ "policy.xml": used }).files.get("sallyport.yaml") ?? "", /^dapr: \{\}$/m);
  assert.doesNotMatch(imported({ "policy.xml": "<policies />" }).files.get("sallyport.yaml") ?? "", /dapr/);
});

it("an API of GraphQL brings its schema along, where it can be read", () => {
  const texts = { "apis/shop/apiInformation.json": api("graphql") };
  const schema = "type Query { a: Int }";
  const good = imported({ ...texts, "apis/shop/specification.graphql": schema });
  assert.match(good.files.get("sallyport.yaml") ?? "", /graphql: \.\/apis\/shop\/schema\.graphql/);
  assert.equal(good.files.get("apis/shop/schema.graphql"), schema);
  const bad = imported({ ...texts, "apis/shop/specification.graphql": "type Query {" });
  assert.doesNotMatch(bad.files.get("sallyport.yaml") ?? "", /schema\.graphql/);
});
