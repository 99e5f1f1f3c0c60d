import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:http2";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { makePasswordHash } from "#lib/password-hash/make.ts";
import { call, type TestResponse } from "#test/support/client.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const salt = Uint8Array.from({ length: 16 }, (_, index) => index);
const env = {
  ANN_HASH: makePasswordHash("secret of ann", "argon2id", 0, salt),
  BOB_HASH: makePasswordHash("secret of bob", "bcrypt", 4, salt),
};

function as(user: string, password: string): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` } };
}

/** Users with passwords of the definition's own, by a running gateway. */
describe("users with passwords", () => {
  let gateway: TestGateway;
  let upstream: TestUpstream;
  before(async () => {
    upstream = await startUpstream();
    const definition = `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }, trustedProxies: [127.0.0.1] }
identity:
  basic:
    staff:
      realm: Staff only
      users:
        ann: { hash: { env: ANN_HASH }, groups: [ops] }
        bob: { hash: { env: BOB_HASH } }
apis:
  reports: { path: /reports, backend: up, basic: staff, access: [ { allow: 'principal.kind == "user"' } ] }
  ops: { path: /ops, backend: up, basic: { users: staff, forward: true }, access: [ { allow: '"ops" in principal.groups' } ] }
  open: { path: /open, backend: up, access: public }
  parts:
    path: /parts
    backend: up
    basic: { users: staff, wrong: ignore }
    access: public
    policies:
      inbound:
        - choose:
            when:
              - condition: request.path.startsWith("/parts/closed")
                policies: [ { validate-basic: { users: staff, names: [bob], realm: Closed part, outputVariable: who } } ]
        - set-header: { name: X-Who, values: ["\${variables[?'who'].orValue('nobody')}"] }
backends: { up: { url: "${upstream.url}" } }
`;
    gateway = await startTestGateway({ definition, env, args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
  });

  const last = (): NonNullable<(typeof upstream.seen)[number]> =>
    upstream.seen.at(-1) as (typeof upstream.seen)[number];

  it("are asked for by name, and let in with the right password", async () => {
    const nobody = await call(gateway, "/reports/1");
    assert.deepEqual([nobody.status, nobody.headers["www-authenticate"]], [401, 'Basic realm="Staff only"']);
    assert.equal(nobody.json()["reason"], "credentials-missing");
    for (const who of [as("ann", "secret of ann"), as("bob", "secret of bob")]) {
      assert.equal((await call(gateway, "/reports/1", who)).status, 200);
      assert.equal(last().headers.authorization, undefined, "the password stays here");
    }
    assert.equal(last().headers["x-auth-request-user"], "bob");
  });

  it("are known by their groups, and their password goes on where that is said", async () => {
    assert.equal((await call(gateway, "/ops", as("bob", "secret of bob"))).status, 403);
    assert.equal((await call(gateway, "/ops", as("ann", "secret of ann"))).status, 200);
    assert.equal(last().headers.authorization, as("ann", "secret of ann").headers["Authorization"]);
  });

  it("are refused alike for a wrong user and a wrong password", async () => {
    const plain = ({ status, headers, text }: TestResponse): unknown => [
      status,
      headers["www-authenticate"],
      text.replace(/"(?:requestId|instance)":"[^"]*"/g, ""),
    ];
    const wrong = await call(gateway, "/reports", as("ann", "secret of bob"));
    const unknown = await call(gateway, "/reports", as("eve", "secret of ann"));
    assert.deepEqual(plain(unknown), plain(wrong));
    assert.deepEqual([wrong.status, wrong.json()["reason"]], [401, "password-invalid"]);
    assert.equal((await call(gateway, "/reports", { headers: { Authorization: "Basic !" } })).status, 401);
  });

  it("are nobody's business of an API that does not take them", async () => {
    assert.equal((await call(gateway, "/open", as("eve", "wrong"))).status, 200);
    assert.equal(last().headers.authorization, as("eve", "wrong").headers["Authorization"]);
  });

  it("are asked for by a policy, for a part of an API", async () => {
    assert.equal((await call(gateway, "/parts/open", as("eve", "wrong"))).status, 200);
    assert.deepEqual([last().headers["x-who"], last().headers.authorization], ["nobody", undefined]);
    const nobody = await call(gateway, "/parts/closed");
    assert.deepEqual([nobody.status, nobody.headers["www-authenticate"]], [401, 'Basic realm="Closed part"']);
    const wrong = await call(gateway, "/parts/closed", as("bob", "wrong"));
    assert.deepEqual([wrong.status, wrong.json()["reason"]], [401, "password-invalid"]);
    assert.equal((await call(gateway, "/parts/closed", as("ann", "secret of ann"))).status, 401);
    assert.equal((await call(gateway, "/parts/closed", as("bob", "secret of bob"))).status, 200);
    assert.equal(last().headers["x-who"], "bob");
  });

  it("are nobody where a page of another site has a browser send the password", async () => {
    const from = (site: string, method: string, path = "/reports"): Promise<TestResponse> =>
      call(gateway, path, { method, headers: { ...as("bob", "secret of bob").headers, "Sec-Fetch-Site": site } });
    const forged = await from("cross-site", "POST");
    assert.deepEqual([forged.status, forged.json()["reason"]], [403, "cross-site-request"]);
    assert.equal((await from("same-origin", "POST")).status, 200);
    assert.equal((await from("cross-site", "GET")).status, 200, "a link");
    assert.equal((await from("cross-site", "POST", "/parts/open")).status, 200);
    assert.equal((await from("cross-site", "POST", "/parts/closed")).status, 403);
    assert.equal(
      (await call(gateway, "/reports", { method: "POST", ...as("bob", "secret of bob") })).status,
      200,
      "a program",
    );
  });

  it("come over HTTP/2 as well", async () => {
    const session = connect(gateway.url, { ca: gateway.ca });
    const statusOf = (headers: Readonly<Record<string, string>>): Promise<number> =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ":path": "/reports", ...headers });
        stream.on("response", (answer) => resolve(Number(answer[":status"])));
        stream.on("error", reject).resume().end();
      });
    assert.equal(await statusOf({}), 401);
    assert.equal(await statusOf({ authorization: as("ann", "secret of ann").headers["Authorization"] ?? "" }), 200);
    session.close();
  });

  it("are guessed ten times a minute from one address, and not from others for that", async () => {
    const from = (address: string, password: string): Promise<TestResponse> =>
      call(gateway, "/reports", {
        headers: { ...as("bob", password).headers, "X-Forwarded-For": address },
      });
    for (let count = 0; count < 10; count += 1) assert.equal((await from("192.0.2.9", `guess ${count}`)).status, 401);
    const braked = await from("192.0.2.9", "guess");
    assert.deepEqual([braked.status, braked.json()["reason"]], [429, "password-attempts-exceeded"]);
    assert.ok(Number(braked.headers["retry-after"]) > 0 && Number(braked.headers["retry-after"]) <= 60);
    assert.equal((await from("192.0.2.10", "secret of bob")).status, 200);
  });

  it("have hashes that the command makes, from stdin", async () => {
    const given = (text: string, ...args: string[]): Promise<CliResult> =>
      runCli(["hash-password", ...args], {}, undefined, text);
    const made = await given("secret\n", "--algorithm", "bcrypt", "--cost", "10", "--json");
    assert.deepEqual([made.code, (JSON.parse(made.stdout) as { algorithm: string }).algorithm], [0, "bcrypt"]);
    assert.match((await given("secret")).stdout, /^\$argon2id\$v=19\$m=47104,t=1,p=1\$/);
    const none = await given("");
    assert.deepEqual([none.code, none.stdout], [1, ""]);
    assert.match(none.stderr, /there is no password \(password-unusable\)\n {2}fix: /);
    assert.equal((await runCli(["hash-password", "secret"])).code, 2, "never as an argument");
  });

  it("are on record by name, and nothing is of their passwords", async () => {
    await gateway.stop();
    const folder = join(gateway.data, "audit");
    const record = readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("");
    assert.match(record, /"id":"basic:staff\|\|ann"[^\n]*"authMethod":"basic"/);
    assert.match(record, /"reason":"password-attempts-exceeded"/);
    for (const text of [record, gateway.output()]) {
      assert.doesNotMatch(text, /secret of/);
      assert.ok(!text.includes(Buffer.from("ann:secret of ann").toString("base64")));
      assert.ok(!Object.values(env).some((hash) => text.includes(hash)));
    }
  });
});
