import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyAudit } from "#audit/read/verify.ts";
import { schemaProblem } from "#config/json-schema.test-helper.ts";
import { adminSocket, applyText, askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { root } from "#test/support/require.ts";

const definition = (answer: string): string => `version: 1
# kept as it was written
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis:
  hello: { path: /, openapi: ./hello.openapi.yaml, access: public, policies: { inbound: [base, { return-response: { body: ${answer} } }] } }
subscriptions: { team: { all: true, key: { env: TEAM_KEY } } }
`;
const openapi = (path: string): string => `openapi: 3.1.0
info: { title: Hello, version: 1.0.0 }
paths: { ${path}: { get: { operationId: hello, responses: {} } } }
`;
const secret = "a-key-that-nobody-may-see";

describe("admin API", () => {
  let gateway: TestGateway;
  const file = (name: string): string => join(gateway.folder, name);
  const start = async (folder?: string): Promise<void> => {
    gateway = await startTestGateway({
      definition: definition("one"),
      files: { "hello.openapi.yaml": openapi("/one") },
      args: ["--workers", "2"],
      env: { TEAM_KEY: secret },
      ...(folder === undefined ? {} : { folder }),
    });
  };
  before(() => start());
  after(() => gateway.cleanUp());

  const text = async (path: string): Promise<string> => (await call(gateway, path, { fresh: true })).text;
  const etag = async (): Promise<string> => String((await askAdmin(gateway, "GET /config")).headers.etag);
  const newest = async (): Promise<Record<string, unknown>> => {
    const { entries } = (await askAdmin(gateway, "GET /config/history")).json() as {
      entries: Record<string, unknown>[];
    };
    return entries[0] as Record<string, unknown>;
  };

  it("is on a socket that only the process's own user can open", () => {
    const { mode } = statSync(adminSocket(gateway));
    assert.equal(mode & 0o777, 0o600);
  });

  it("gives the configuration as it was written, and with its documents", async () => {
    const plain = await askAdmin(gateway, "GET /config");
    assert.deepEqual([plain.status, plain.text], [200, definition("one")]);
    const whole = await askAdmin(gateway, "GET /config", { headers: { accept: "application/json" } });
    assert.equal(whole.headers.etag, plain.headers.etag);
    const { files } = whole.json();
    assert.deepEqual(files, { "sallyport.yaml": definition("one"), "hello.openapi.yaml": openapi("/one") });
  });

  it("validates without changing anything", async () => {
    const headers = { "content-type": "application/yaml" };
    const good = await askAdmin(gateway, "POST /config/validate", { headers, body: definition("two") });
    assert.deepEqual([good.status, good.json()], [200, { valid: true, diagnostics: [] }]);
    const body = definition("two").replace("hello:", "hello: { pat: /x },\n  other:");
    const bad = (await askAdmin(gateway, "POST /config/validate", { headers, body })).json();
    const [first] = bad["diagnostics"] as Record<string, unknown>[];
    assert.deepEqual([bad["valid"], first?.["file"], typeof first?.["line"]], [false, "sallyport.yaml", "number"]);
    assert.equal(await text("/one"), "one");
  });

  it("applies a definition: the file, the workers, the history", async () => {
    const { status, headers, json } = await applyText(gateway, definition("two"));
    assert.equal(status, 200);
    assert.equal(headers.etag, await etag());
    assert.deepEqual([json()["action"], json()["author"]], ["apply", `unix||${process.getuid?.()}`]);
    assert.equal(readFileSync(file("sallyport.yaml"), "utf8"), definition("two"));
    assert.equal(await text("/one"), "two");
    assert.equal((await newest())["hash"], headers.etag?.slice(1, -1));
  });

  it("applies documents and definition as one", async () => {
    const body = JSON.stringify({
      files: { "sallyport.yaml": definition("three"), "hello.openapi.yaml": openapi("/three") },
    });
    const headers = { "content-type": "application/json", "if-match": await etag() };
    assert.equal((await askAdmin(gateway, "PUT /config?comment=both%20files", { headers, body })).status, 200);
    assert.equal(await text("/three"), "three");
    assert.equal((await call(gateway, "/one")).status, 404);
    assert.equal((await newest())["comment"], "both files");
  });

  it("needs If-Match, and refuses one that is old", async () => {
    const headers = { "content-type": "application/yaml" };
    assert.equal((await askAdmin(gateway, "PUT /config", { headers, body: definition("x") })).status, 428);
    for (const tag of ['"0000"', `W/${await etag()}`]) {
      const stale = await applyText(gateway, definition("x"), tag);
      assert.deepEqual([stale.status, stale.headers.etag], [412, await etag()]);
    }
    assert.equal((await applyText(gateway, definition("x"), "no quotes")).status, 400);
    assert.equal(await text("/three"), "three");
  });

  it("lets exactly one of two win who read the same", async () => {
    const tag = await etag();
    const earlier = (await newest())["id"];
    const answers = await Promise.all(["four", "five"].map((one) => applyText(gateway, definition(one), tag)));
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 412]);
    assert.equal((await newest())["id"], Number(earlier) + 1);
  });

  it("applies nothing of a definition with errors, and names them all", async () => {
    const earlier = [readFileSync(file("sallyport.yaml"), "utf8"), await etag(), (await newest())["id"]];
    const { status, json } = await applyText(gateway, definition("x").replace("version: 1", "version: 2\nnonsense: 1"));
    assert.equal(status, 422);
    const codes = (json()["diagnostics"] as { code: string }[]).map(({ code }) => code);
    assert.deepEqual(codes.toSorted(), ["key-unknown", "value-invalid"]);
    assert.deepEqual([readFileSync(file("sallyport.yaml"), "utf8"), await etag(), (await newest())["id"]], earlier);
  });

  for (const [name, code] of [
    ["../out.yaml", "file-name"],
    ["/tmp/out.yaml", "file-name"],
    [".hidden.yaml", "file-name"],
    ["key.pem", "file-name"],
    ["a/../../out.yaml", "file-name"],
    ["unused.yaml", "file-unused"],
  ] as const) {
    it(`writes no file called ${name}`, async () => {
      const body = JSON.stringify({ files: { "sallyport.yaml": definition("x"), [name]: "x: 1" } });
      const headers = { "content-type": "application/json", "if-match": await etag() };
      const { status, json } = await askAdmin(gateway, "PUT /config", { headers, body });
      const [first] = json()["diagnostics"] as { code: string }[];
      assert.deepEqual([status, first?.code], [422, code]);
      assert.equal(existsSync(join(gateway.folder, name)), false);
    });
  }

  it("makes what was changed on the disk an entry of the author file, and what was only touched none", async () => {
    const earlier = Number((await newest())["id"]);
    writeFileSync(file("sallyport.yaml"), definition("six"));
    for (let tries = 0; tries < 100 && (await newest())["author"] !== "file"; tries += 1) await sleep(50);
    assert.deepEqual([(await newest())["id"], (await newest())["action"]], [earlier + 1, "reload"]);
    const { status, json } = await askAdmin(gateway, "POST /reload");
    assert.deepEqual([status, json()["id"]], [200, earlier + 1]);
  });

  it("does not write over what somebody has changed and that is not in force", async () => {
    writeFileSync(file("sallyport.yaml"), "version: broken");
    const tag = await etag();
    const refused = await applyText(gateway, definition("seven"), tag);
    assert.deepEqual([refused.status, refused.json()["files"]], [409, ["sallyport.yaml"]]);
    const status = (await askAdmin(gateway, "GET /status")).json();
    assert.deepEqual((status["configuration"] as Record<string, unknown>)["changedOnDisk"], ["sallyport.yaml"]);
    const headers = { "if-match": tag, "content-type": "application/yaml" };
    const path = "PUT /config?discard-file-changes=true";
    assert.equal((await askAdmin(gateway, path, { headers, body: definition("seven") })).status, 200);
    assert.equal(await text("/three"), "seven");
  });

  it("goes back to any earlier configuration", async () => {
    const { entries } = (await askAdmin(gateway, "GET /config/history")).json() as { entries: { id: number }[] };
    assert.ok(entries.length >= 6, String(entries.length));
    for (const { id } of entries.slice(-3)) {
      const old = (await askAdmin(gateway, `GET /config/history/${id}`)).json();
      const headers = { "if-match": await etag() };
      const { status, json } = await askAdmin(gateway, `POST /config/rollback/${id}`, { headers });
      assert.deepEqual([status, json()["from"], json()["hash"]], [200, id, old["hash"]]);
      const files = old["files"] as Record<string, string>;
      for (const [name, content] of Object.entries(files)) assert.equal(readFileSync(file(name), "utf8"), content);
    }
    assert.equal((await askAdmin(gateway, "POST /config/rollback/999", { headers: { "if-match": "*" } })).status, 404);
    assert.equal((await askAdmin(gateway, "POST /config/rollback/1")).status, 428);
  });

  it("answers as its own document says", async () => {
    const document = (await askAdmin(gateway, "GET /openapi.json")).json();
    assert.deepEqual(document, JSON.parse(readFileSync(join(root, "schema", "admin.openapi.json"), "utf8")));
    const { schemas } = document["components"] as { schemas: Record<string, unknown> };
    const local = JSON.parse(JSON.stringify(schemas).replaceAll("#/components/schemas/", "#/$defs/")) as object;
    for (const [what, name] of [
      ["GET /status", "Status"],
      ["GET /config/history", "History"],
      ["GET /config/history/1", "Configuration"],
      ["GET /certificates", "Certificates"],
      ["GET /upstreams", "Upstreams"],
      ["POST /reload", "Reload"],
      ["GET /ca/root.crt", "Problem"],
      ["GET /nowhere", "Problem"],
    ] as const) {
      const body = (await askAdmin(gateway, what)).json();
      assert.equal(schemaProblem({ $defs: local, $ref: `#/$defs/${name}` }, body), undefined, what);
    }
  });

  it("shows and keeps no secret", async () => {
    for (const path of ["/config", "/status", "/config/history", "/config/history/1", "/upstreams"]) {
      assert.ok(
        !(await askAdmin(gateway, `GET ${path}`, { headers: { accept: "application/json" } })).text.includes(secret),
      );
    }
    const kept = readdirSync(join(gateway.data, "config"), { recursive: true, withFileTypes: true });
    for (const one of kept.filter((entry) => entry.isFile())) {
      assert.ok(!readFileSync(join(one.parentPath, one.name), "utf8").includes(secret), one.name);
    }
  });

  it("records every call, and the record explains it", async () => {
    const { headers } = await askAdmin(gateway, "GET /status");
    await sleep(300);
    const verified = await verifyAudit(join(gateway.data, "audit"));
    assert.equal(verified.ok, true, JSON.stringify(verified.firstBad));
    const { code, stdout } = await runCli(["explain", String(headers["x-request-id"]), "--data", gateway.data]);
    assert.equal(code, 0);
    assert.match(stdout, /sallyport:admin \/ read-status/);
    assert.match(stdout, new RegExp(`user unix\\|\\|${process.getuid?.()}, by unix-socket`));
    assert.match(stdout, /from +a Unix socket/);
  });

  it("keeps its history over a restart", async () => {
    const { folder } = gateway;
    const earlier = (await askAdmin(gateway, "GET /config/history")).json()["entries"] as unknown[];
    assert.equal(await gateway.stop(), 0);
    assert.equal(existsSync(adminSocket(gateway)), false, "the socket goes with the gateway");
    await start(folder);
    const later = (await askAdmin(gateway, "GET /config/history")).json()["entries"] as unknown[];
    assert.deepEqual(later.slice(-earlier.length), earlier);
  });
});

describe("admin API of a gateway with TLS", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0" } }
apis: { hello: { path: /, access: public, respond: { body: hello } } }
`,
      args: ["--workers", "1"],
    });
  });
  after(() => gateway.cleanUp());

  it("gives the root that clients are to trust", async () => {
    const { status, headers, text } = await askAdmin(gateway, "GET /ca/root.crt");
    assert.deepEqual([status, headers["content-type"]], [200, "application/x-pem-file"]);
    assert.equal(text, readFileSync(join(gateway.data, "ca", "root.crt"), "utf8"));
  });
});
