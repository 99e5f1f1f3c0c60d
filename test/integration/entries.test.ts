import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const text = `version: 1 # kept
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis:
  # says hello
  hello:
    path: /hello
    access: public
    policies: { inbound: [{ return-response: { body: "{{greeting}}" } }] }
  shop: { path: /shop, revision: 1, access: public, policies: { inbound: [{ return-response: { body: one } }] } }
  shop-next:
    path: /shop
    revision: 2
    current: false
    access: public
    policies: { inbound: [{ return-response: { body: two } }] }
environments: { test: { values: { greeting: hello } } }
`;

describe("single entries of a running gateway's definition", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({ definition: text, args: ["--workers", "1", "--env", "test"] });
  });
  after(() => gateway.cleanUp());

  const run = (...args: string[]): Promise<CliResult> => runCli([...args, "--data", gateway.data]);
  const onDisk = (): string => readFileSync(join(gateway.folder, "sallyport.yaml"), "utf8");
  const said = async (path: string): Promise<string> => (await call(gateway, path, { fresh: true })).text;

  it("are listed, read, put and deleted by the command line; all else stays as it was written", async () => {
    const [names, one] = [await run("get", "apis"), await run("get", "apis", "hello")];
    assert.equal(names.stdout, "hello\nshop\nshop-next\n");
    assert.match(one.stdout, /^path: \/hello\naccess: public\n/);
    const file = join(gateway.folder, "new.yaml");
    writeFileSync(file, "path: /new\naccess: public\npolicies: { inbound: [{ return-response: { body: new } }] }\n");
    const put = await run("put", "apis", "fresh", file, "--yes", "--comment", "one more");
    assert.match(`${put.stdout}${put.stderr}`, /^configuration 2 is in force/);
    assert.equal(await said("/new"), "new");
    assert.match(onDisk(), /^version: 1 # kept\n(.*\n)*  fresh:\n    path: \/new\n/);
    assert.equal((await run("delete", "apis", "fresh", "--yes")).code, 0);
    assert.equal(onDisk(), text);
    assert.equal((await call(gateway, "/new", { fresh: true })).status, 404);
  });

  it("values are those of the running environment, and take effect", async () => {
    assert.equal(await said("/hello"), "hello");
    const file = join(gateway.folder, "value");
    writeFileSync(file, "good day");
    assert.equal((await run("put", "named-values", "greeting", file, "--yes")).code, 0);
    assert.equal(await said("/hello"), "good day");
  });

  it("a revision is made the one in use", async () => {
    assert.deepEqual([await said("/shop"), await said("/shop;rev=2")], ["one", "two"]);
    assert.equal((await run("revisions", "make-current", "shop-next", "--yes")).code, 0);
    assert.deepEqual([await said("/shop"), await said("/shop;rev=1")], ["two", "one"]);
  });

  it("are changed over the admin API, based on what is in force", async () => {
    const read = await askAdmin(gateway, "GET /definition/apis/hello");
    assert.deepEqual([read.status, read.text.startsWith("path: /hello\n")], [200, true]);
    assert.deepEqual((await askAdmin(gateway, "GET /definition/backends")).json(), { names: [] });
    const ifMatch = { "if-match": String(read.headers.etag) };
    const headers = { ...ifMatch, "content-type": "application/json" };
    const body = JSON.stringify({ url: "http://127.0.0.1:9" });
    const put = await askAdmin(gateway, "PUT /definition/backends/b", { headers, body });
    assert.deepEqual([put.status, put.json()["action"]], [200, "apply"]);
    assert.match(onDisk(), /^backends:\n  b: \{ "url": "http:\/\/127\.0\.0\.1:9" \}\n/m);
    const late = await askAdmin(gateway, "DELETE /definition/backends/b", { headers: ifMatch });
    assert.equal(late.status, 412);
    const gone = await askAdmin(gateway, "DELETE /definition/backends/b", {
      headers: { "if-match": String(put.headers.etag) },
    });
    assert.equal(gone.status, 200);
    assert.doesNotMatch(onDisk(), /backends/);
    const current = { "if-match": String(gone.headers.etag) };
    const back = await askAdmin(gateway, "POST /definition/apis/shop/make-current", { headers: current });
    assert.deepEqual([back.status, await said("/shop")], [200, "one"]);
  });

  it("what cannot be is refused, and nothing changes", async () => {
    const unchanged = onDisk();
    const file = join(gateway.folder, "bad.yaml");
    writeFileSync(file, "pth: /x\n");
    const [invalid, unknown, kind] = [
      await run("put", "apis", "bad", file, "--yes"),
      await run("delete", "apis", "nobody", "--yes"),
      await run("get", "things"),
    ];
    assert.deepEqual([invalid.code, unknown.code, kind.code], [1, 1, 2]);
    assert.match(invalid.stderr, /error key-unknown/);
    assert.match(invalid.stderr, /\|.*pth: \/x/, "with the line as it was sent");
    writeFileSync(file, "<fragment />");
    const xml = await run("put", "fragments", "bad", file, "--yes");
    assert.match(xml.stderr, /is a document of XML.*\n.*config apply/);
    assert.match(unknown.stderr, /there is no apis\.nobody \(entry-unknown\)/);
    const etag = String((await askAdmin(gateway, "GET /config")).headers.etag);
    const headers = { "if-match": etag, "content-type": "application/yaml" };
    const statuses = [
      await askAdmin(gateway, "GET /definition/apis/nobody"),
      await askAdmin(gateway, "DELETE /definition/apis/nobody", { headers: { "if-match": etag } }),
      await askAdmin(gateway, "PUT /definition/apis/x", { headers, body: "a: [1" }),
      await askAdmin(gateway, "PUT /definition/apis/x", { headers, body: "pth: 1" }),
      await askAdmin(gateway, "POST /definition/apis/hello/make-current", { headers: { "if-match": etag } }),
      await askAdmin(gateway, "DELETE /definition/apis/hello"),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, [404, 404, 400, 422, 404, 428]);
    assert.equal(onDisk(), unchanged);
  });
});
