import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

function policies(inbound: string, backend = "<base />", outbound = "<base />"): string {
  return `\ufeff<!-- of API Management -- as it is -->
<policies>
    <inbound>${inbound}</inbound>
    <backend>${backend}</backend>
    <outbound>${outbound}</outbound>
    <on-error><base /></on-error>
</policies>`;
}

const files = {
  "global.xml": policies(
    '<base /><set-header name="X-Scopes" exists-action="append"><value>global</value></set-header>',
  ),
  "api.xml": policies(
    `<set-header name="X-Scopes" exists-action="append"><value>api</value></set-header><base />
     <include-fragment fragment-id="stage" />
     <choose><when condition="false"><return-response /></when><otherwise><set-query-parameter name="q" exists-action="override"><value>a &amp; b</value></set-query-parameter></otherwise></choose>`,
    "<base />",
    '<base /><set-header name="X-Stage" exists-action="override"><value>{{stage}}</value></set-header>',
  ),
  "gone.xml": policies(
    `<return-response>
        <set-status code="410" reason="Gone" />
        <set-header name="Content-Type" exists-action="override"><value>application/json</value></set-header>
        <set-body>{"gone": "&lt;really&gt;"}</set-body>
     </return-response>`,
  ),
  "raw.xml": policies(
    `<set-variable name="who" value="@(context.Request.Headers.GetValueOrDefault("X-Who", "nobody"))" />
     <choose>
        <when condition="@(((string)context.Variables["who"]).Length > 6 && !context.Request.Url.Path.EndsWith("}"))">
            <set-header name="X-Who" exists-action="override"><value>@{
                // it's "quoted" {
                var parts = new List<string>();
                foreach (var letter in ((string)context.Variables["who"]).ToUpper()) { parts.Add(letter.ToString()); }
                return string.Join("-", parts);
            }</value></set-header>
        </when>
        <otherwise><return-response><set-status code="@(400 + 1)" reason="no" /><set-body>@($"{{ \\"who\\": \\"{context.Variables["who"]}\\", \\"stage\\": \\"{{stage}}\\" }}")</set-body></return-response></otherwise>
     </choose>`,
  ),
  "escaped.xml": policies(
    "<return-response><set-body>@(context.Request.Method == &quot;GET&quot; &amp;&amp; 1 &lt; 2 ? &quot;&lt;ok/&gt;&quot; : &quot;&quot;)</set-body></return-response>",
  ),
  "silent.xml": policies("<base />", ""),
  "stage.fragment.xml":
    '<fragment><set-header name="X-Fragment" exists-action="skip"><value>{{stage}}</value></set-header></fragment>',
};

const definition = (url: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
policies: ./global.xml
fragments: { stage: ./stage.fragment.xml }
apis:
  orders:
    path: /orders
    backend: echo
    access: public
    policies: ./api.xml
    operations:
      list: { method: GET, path: / }
      gone: { method: GET, path: /gone, policies: ./gone.xml }
      raw: { method: GET, path: /raw, policies: ./raw.xml }
      escaped: { method: GET, path: /escaped, policies: ./escaped.xml }
      silent: { method: GET, path: /silent, policies: ./silent.xml }
backends: { echo: { url: "${url}" } }
environments: { test: { values: { stage: test } } }
`;

describe("policies in API Management's XML", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let calls = 0;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      calls += 1;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ url: request.url, headers: request.headers }));
    });
    gateway = await startTestGateway({ definition: definition(upstream.url), files, args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  it("run scope by scope, with fragments and values", async () => {
    const response = await call(gateway, "/orders/");
    assert.equal(response.status, 200);
    assert.equal(response.headers["x-stage"], "test");
    const { url, headers } = JSON.parse(response.text) as { url: string; headers: Record<string, string> };
    assert.equal(headers["x-scopes"], "api,global");
    assert.equal(headers["x-fragment"], "test");
    assert.match(url, /\?q=a%20%26%20b$/);
  });

  it("answer in the backend's place", async () => {
    const earlier = calls;
    const response = await call(gateway, "/orders/gone");
    assert.equal(response.status, 410);
    assert.equal(response.headers["content-type"], "application/json");
    assert.equal(response.text, '{"gone": "<really>"}');
    assert.equal(calls, earlier);
  });

  it("run with the C# of raw documents", async () => {
    const short = await call(gateway, "/orders/raw", { headers: { "x-who": "me" } });
    assert.deepEqual([short.status, short.text], [401, '{ "who": "me", "stage": "test" }']);
    const long = await call(gateway, "/orders/raw", { headers: { "x-who": "someone" } });
    const { headers } = JSON.parse(long.text) as { headers: Record<string, string> };
    assert.equal(headers["x-who"], "S-O-M-E-O-N-E");
  });

  it("run with the C# of escaped documents", async () => {
    assert.equal((await call(gateway, "/orders/escaped")).text, "<ok/>");
  });

  it("call no backend where the backend section is empty", async () => {
    const earlier = calls;
    const response = await call(gateway, "/orders/silent");
    assert.deepEqual([response.status, response.text, calls], [200, "", earlier]);
  });
});

describe("a policy document of a running gateway", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  before(async () => {
    upstream = await startUpstream();
    gateway = await startTestGateway({ definition: definition(upstream.url), files, args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  it("is changed through the admin API with the definition", async () => {
    const next = join(gateway.folder, "next");
    mkdirSync(next);
    const teapot = policies('<return-response><set-status code="418" /></return-response>');
    for (const [name, text] of Object.entries({ ...files, "gone.xml": teapot })) writeFileSync(join(next, name), text);
    writeFileSync(join(next, "sallyport.yaml"), definition(upstream.url));
    const applied = await runCli(["config", "apply", join(next, "sallyport.yaml"), "--data", gateway.data]);
    assert.equal(applied.code, 0, applied.stderr);
    assert.equal((await call(gateway, "/orders/gone")).status, 418);
    assert.equal(readFileSync(join(gateway.folder, "gone.xml"), "utf8"), teapot.slice(1));
  });
});

describe("sallyport import apim --check", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-import-"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("says of a folder what loads, and nothing more", async () => {
    const { code, stdout, stderr } = await runCli(["import", "apim", "--check", "--json", folder]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(JSON.parse(stdout), { documents: 7, loaded: 7, expressions: 6, compiled: 6, problems: [] });
  });

  it("names file, line, column and fix of what does not", async () => {
    const file = join(folder, "bad.xml");
    writeFileSync(file, "<policies>\n  <outbound><rewrite-uri tmplate='/a' /></outbound>\n</policies>");
    const { code, stdout } = await runCli(["import", "apim", "--check", file]);
    assert.equal(code, 1);
    assert.ok(
      stdout.includes(
        `${file}:2:13: error: rewrite-uri cannot stand in outbound (policy-misplaced)\n  fix: allowed in inbound\n`,
      ),
      stdout,
    );
    assert.ok(
      stdout.includes(
        `${file}:2:26: error: rewrite-uri has no attribute tmplate (key-unknown)\n  fix: write template\n`,
      ),
      stdout,
    );
    assert.match(stdout, /0 of 1 documents load, 0 of 0 expressions compile\n$/);
    rmSync(file);
  });

  it("says when there is nothing there", async () => {
    const nothing = await runCli(["import", "apim", "--check", join(folder, "nothing")]);
    assert.deepEqual([nothing.code, nothing.stdout], [1, ""]);
    assert.match(nothing.stderr, /cannot be used: ENOENT \(file-unreadable\)\n {2}fix: /);
  });
});
