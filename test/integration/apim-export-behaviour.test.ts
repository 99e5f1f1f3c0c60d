import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readDefinition } from "#cli/apim/read-definition.ts";
import { exportFolder } from "#interop/apim/export/export-folder.ts";
import { writeFolder } from "#interop/apim/export/write-folder.ts";
import { readArtifacts } from "#interop/apim/import/artifacts.ts";
import { importFolder } from "#interop/apim/import/import-folder.ts";
import { writeImport } from "#interop/apim/import/write-import.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const key = "primary-key-of-team-a-0001";
const edge = `edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }\n`;

function definition(upstream: string, issuer: string): string {
  return `version: 1
errors: api-management
identity: { providers: { corp: { issuer: "${issuer}", audiences: [api] } } }
policies:
  inbound: [{ set-header: { name: X-Stage, values: ["{{stage}}"] } }]
fragments:
  seen: [{ set-header: { name: X-Seen, values: ["\${request.method} \${request.path}"] } }]
apis:
  staff:
    path: /staff
    backend: echo
    access:
      - allow: '"staff" in principal.groups'
      - allow: 'request.headers["x-pass"] == "1" && principal.subject != ""'
      - deny: '"x-bad" in request.headers && request.headers["x-bad"] != request.headers["x-pass"]'
    operations:
      all: { method: GET, path: /items }
      one: { method: GET, path: "/items/{id}", policies: { inbound: [{ set-header: { name: X-Own, values: ["\${principal.subject}/\${parameters.id}"] } }] } }
      free: { method: GET, path: /free, access: public }
    policies:
      inbound: [base, { set-header: { name: X-Caller, values: ["\${principal.id} \${size(principal.groups)}"] } }]
  open:
    path: /open
    backend: echo
    access: public
    operations: { any: { method: GET, path: "/{*rest}" } }
    policies:
      inbound:
        - base
        - include-fragment: seen
        - set-variable: { name: n, value: "\${size(request.path)}" }
        - set-variable: { name: big, value: "\${variables.n > 12}" }
        - choose:
            when:
              - condition: request.headers.?x_old.orValue(request.headers[?"x-old"].orValue("")) == "1" || request.path.matches("old\\\\d+$")
                policies: [{ return-response: { status: 410, headers: { X-Why: "old \${variables.n}" }, body: "gone: \${request.path} \${variables.big}" } }]
              - condition: '"x-int" in request.headers && int(request.headers["x-int"]) * 2 > 10'
                policies: [{ set-header: { name: X-Big, values: ["\${int(request.headers['x-int']) + 1}"] } }]
            otherwise:
              - set-header: { name: X-Else, values: ["\${request.query.?a.orValue('none').upperAscii()}-{{stage}}"] }
        - rewrite-uri: { template: "/kept/\${request.path.substring(6)}" }
      outbound:
        - base
        - set-header: { name: X-Out, values: ["out"] }
        - set-header: { name: X-N, values: ["\${variables.n}|\${variables.big}|\${response.status}"] }
  moved:
    path: /moved
    access: public
    operations:
      host: { method: GET, path: "/host/{*rest}", redirect: { to: "https://www.example.com\${request.path}" } }
      joined: { method: GET, path: /joined, redirect: { to: "https://www.example.com\${request.headers['x-part']}" } }
      here: { method: GET, path: /here, redirect: { to: "/new/\${request.headers['x-part']}?q=\${request.headers['x-part']}" } }
      same: { method: GET, path: /same, redirect: { to: "https://\${request.host}/x", status: 308 } }
      any: { method: GET, path: /any, redirect: { to: "\${request.headers['x-part']}" } }
  calls:
    path: /calls
    access: public
    operations: { go: { method: GET, path: / } }
    policies:
      inbound:
        - base
        - send-request:
            mode: new
            responseVariable: r
            policies: [{ set-url: "${upstream}/called/\${request.headers['x-part']}?q=\${request.headers['x-part']}" }, { set-method: GET }]
        - return-response: { status: 200, body: "\${variables.r.status} \${variables.r.body}" }
  keyed: { path: /keyed, backend: echo, operations: { get: { method: GET, path: / } }, policies: { inbound: [base, { set-header: { name: X-Sub, values: ["\${subscription.id}|\${product}"] } }] } }
backends: { echo: { url: "${upstream}", host: upstream } }
products: { starter: { apis: [keyed], policies: { inbound: [base, { set-header: { name: X-Product, values: [starter] } }] } } }
subscriptions: { team-a: { product: starter, key: { env: TEAM_KEY } } }
environments: { dev: { values: { stage: dev } } }
`;
}

/** The same answers, before and after a definition has been through an APIOps folder. */
describe("a definition that was exported and imported again", () => {
  let folder: string;
  let upstream: TestUpstream;
  let issuer: TokenIssuer;
  const gateways: TestGateway[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-behaviour-"));
    upstream = await startUpstream();
    issuer = await startIssuer("api");
    const native = definition(upstream.url, issuer.url);
    const config = join(folder, "native.yaml");
    writeFileSync(config, native);
    const read = await readDefinition({ config });
    if (!read.ok) assert.fail(JSON.stringify(read.diagnostics));
    const exported = exportFolder(read.definition, read.open, "rawxml");
    assert.deepEqual(exported.report.impossible, []);
    await writeFolder(join(folder, "artifacts"), exported.files, false);
    const artifacts = await readArtifacts(join(folder, "artifacts"));
    assert.ok(typeof artifacts === "object");
    const keys = {
      subscription: "team-a",
      scope: undefined,
      primaryKey: key,
      secondaryKey: undefined,
      state: undefined,
      owner: undefined,
    };
    const imported = importFolder(artifacts, {}, [keys]);
    await writeImport(join(folder, "back"), imported, false);
    const text = readFileSync(join(folder, "back", "sallyport.yaml"), "utf8");
    const args = ["--workers", "1"];
    gateways.push(
      ...(await Promise.all([
        startTestGateway({ definition: `${native}${edge}`, args, env: { TEAM_KEY: key } }),
        startTestGateway({
          folder: join(folder, "back"),
          definition: `${text}${edge}egress: { allow: ["${issuer.url}", "${upstream.url}"] }\n`,
          args,
        }),
      ])),
    );
  });
  after(async () => {
    for (const gateway of gateways) await gateway.cleanUp();
    await upstream?.close();
    await issuer?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Seen {
    readonly status: number;
    readonly headers: unknown;
    readonly text: string;
    readonly forwarded: unknown;
  }

  /** What a client and an upstream see of one request. Refusals count by their status: bodies are each gateway's own. */
  async function ask(gateway: TestGateway, path: string, headers: Record<string, string>): Promise<Seen> {
    const count = upstream.seen.length;
    const { status, headers: answered, text } = await call(gateway, path, { headers });
    const seen = upstream.seen[count];
    const own = (all: Readonly<Record<string, unknown>>): unknown =>
      Object.fromEntries(
        Object.entries(all)
          .filter(([name]) => /^(x-(?!request-id|forwarded|auth-request)|location$|ocp-)/.test(name))
          .toSorted(),
      );
    const isRefusal = seen === undefined && (status === 401 || status === 403 || status >= 500);
    return {
      status,
      headers: isRefusal ? {} : own(answered),
      text: isRefusal ? "" : text,
      forwarded: seen === undefined ? null : { url: seen.url, headers: own(seen.headers) },
    };
  }

  async function same(path: string, headers: Record<string, string>, status: number): Promise<void> {
    const [native, back] = gateways as [TestGateway, TestGateway];
    const expected = await ask(native, path, headers);
    assert.equal(expected.status, status, `${path}: ${expected.text}`);
    assert.deepEqual(await ask(back, path, headers), expected, `${path} ${JSON.stringify(headers)}`);
  }

  it("transforms requests and responses as before", async () => {
    await same("/open/items?a=b", {}, 200);
    await same("/open/items-with-a-long-name", {}, 200);
    await same("/open/items", { "X-Old": "1" }, 410);
    await same("/open/old42", {}, 410);
    await same("/open/old42x", {}, 200);
    await same("/open/items", { "X-Int": "6" }, 200);
    await same("/open/items", { "X-Int": "3" }, 200);
  });

  const parts = ["a b/c?d#e%zz&f=g", "..", "//evil.example/x", ".evil.example", "/\\\\evil.example", "a%2fb", ""];

  it("leads to the same places, whatever a client puts into them", async () => {
    await same("/moved/host/a/b%20c", {}, 302);
    await same("/moved/same", {}, 308);
    for (const part of parts) {
      for (const path of ["/moved/joined", "/moved/here"]) await same(path, { "X-Part": part }, 302);
      await same("/moved/any", { "X-Part": part }, part.startsWith("/") ? 302 : 500);
      await same("/calls/", { "X-Part": part }, part === ".." ? 500 : 200);
    }
  });

  it("fails where it failed before, and reaches no upstream then", async () => {
    await same("/open/items", { "X-Int": "six" }, 500);
    await same("/open/a/b", {}, 500);
  });

  it("lets the same people in", async () => {
    const [staff, guest] = await Promise.all([
      issuer.token({ groups: ["staff", "x"], sub: "s" }),
      issuer.token({ groups: ["guest"], sub: "g" }),
    ]);
    const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
    for (const path of ["/staff/items", "/staff/items/7"]) {
      await same(path, bearer(staff), 200);
      await same(path, bearer(guest), 403);
      await same(path, { ...bearer(guest), "X-Pass": "1" }, 200);
      await same(path, { ...bearer(guest), "X-Pass": "2" }, 403);
      await same(path, {}, 401);
      await same(path, bearer("not.a.token"), 401);
      await same(path, { ...bearer(staff), "X-Bad": "1", "X-Pass": "2" }, 403);
      await same(path, { ...bearer(staff), "X-Bad": "2", "X-Pass": "2" }, 200);
      // The rule fails: it refuses.
      await same(path, { ...bearer(staff), "X-Bad": "1" }, 403);
    }
  });

  it("asks for the same keys, and keeps them from the backend", async () => {
    await same("/keyed/", { "Ocp-Apim-Subscription-Key": key }, 200);
    await same(`/keyed/?subscription-key=${key}`, {}, 200);
    await same("/keyed/", { "Ocp-Apim-Subscription-Key": "another-key-of-nobody" }, 401);
    await same("/keyed/", {}, 401);
  });
});
