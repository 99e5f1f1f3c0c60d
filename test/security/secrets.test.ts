import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { startIssuer, type TokenIssuer } from "./token-issuer.ts";

const secrets = {
  keyInEnvironment: "sp_environment_4bf1c2d9a7e84f6c9d20",
  keyInFile: "sp_file_90d1a54be3b94c8e8a6f4e7b2c11",
  clientSecret: "client-secret-7f0e9a64d1c24b0ba5c3",
  wrongKey: "sp_wrong_2d5e8f1a7c3b4e9f8a6d5c4b3a21",
  basic: "dXNlcjpwYXNzd29yZC04ZjNhMmIxYzRkNWU2Zjdh",
  password: "pa55word-1c9e7b3d5f2a4c6e",
  cookie: "session-6b1d8e3f0a2c4b5d7e9f",
} as const;

/** After a run in which every kind of secret was used, rightly and wrongly, none is found anywhere it was written. */
describe("secrets", () => {
  let upstream: TestUpstream;
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  let tokens: string[];

  before(async () => {
    upstream = await startUpstream((request, response) => {
      if (request.url?.includes("broken") === true) return request.socket.destroy();
      return response.end("ok");
    });
    issuer = await startIssuer();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"], clientId: gateway, clientSecret: { env: CLIENT_SECRET } } } }
apis:
  keyed: { path: /keyed, backend: up, policies: { inbound: [base, { validate-jwt: { provider: corp, audience: "api://test", outputVariable: claims } }, { check-header: { name: X-Password, values: [nothing] } }] } }
  free: { path: /free, backend: up, access: public }
  custom: { path: /custom, backend: up, subscriptionKey: { header: X-Custom, query: custom-key } }
backends: { up: { url: "${upstream.url}" } }
products: { basic: { apis: [keyed, custom], subscription: key } }
subscriptions:
  one: { product: basic, key: { env: KEY }, secondaryKey: { file: key.txt } }
`,
      files: { "key.txt": `${secrets.keyInFile}\n` },
      env: { KEY: secrets.keyInEnvironment, CLIENT_SECRET: secrets.clientSecret },
      args: ["--workers", "2"],
    });
    tokens = [await issuer.token(), await issuer.token({ exp: 1 }), await issuer.token({ aud: "other" })];
  });
  after(async () => {
    await gateway.cleanUp();
    await issuer.close();
    await upstream.close();
  });

  async function useAll(): Promise<void> {
    const { keyInEnvironment, keyInFile, wrongKey, basic, password, cookie } = secrets;
    const key = "ocp-apim-subscription-key";
    const paths = ["/keyed/x", "/free/x", "/custom/x", "/nowhere", "/free/broken", "/keyed/%2f", "/free/x?a=\u0001"];
    for (const path of paths) {
      for (const token of tokens) {
        const authorization = `Bearer ${token}`;
        const headers = { authorization, [key]: keyInEnvironment, cookie: `sid=${cookie}`, "x-password": password };
        await call(gateway, encodeURI(path), { headers });
        await call(gateway, encodeURI(path), { headers: { authorization, [key]: wrongKey } });
        await call(gateway, `${encodeURI(path)}?access_token=${token}&password=${password}&x=${token}`);
      }
      await call(gateway, encodeURI(path), { headers: { authorization: `Basic ${basic}`, [key]: keyInFile } });
      await call(gateway, `${encodeURI(path)}?subscription-key=${keyInFile}&custom-key=${keyInEnvironment}`);
      await call(gateway, `${encodeURI(path)}?Subscription%2Dkey=${wrongKey}&%63ustom-key=${wrongKey}`);
      await call(gateway, encodeURI(path), { headers: { "x-custom": keyInEnvironment } });
    }
  }

  it("are in no file, no output and no command line", async () => {
    await useAll();
    const { pid } = gateway.process;
    const commandLine = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "latin1") : "";
    assert.equal(await gateway.stop(), 0);
    const places = new Map([
      ["output", gateway.output()],
      ["command line", commandLine],
      ["explained", (await runCli(["audit", "verify", "--data", gateway.data, "--json"])).stdout],
    ]);
    for (const file of globSync("**/*", { cwd: gateway.data })) {
      const path = join(gateway.data, file);
      if (statSync(path).isFile()) places.set(file, readFileSync(path, "latin1"));
    }
    assert.ok([...places.keys()].some((name) => name.startsWith("audit/")) && places.has("sallyport.db"));
    for (const [place, text] of places) {
      for (const [name, secret] of [...Object.entries(secrets), ...tokens.map((token) => ["token", token] as const)]) {
        assert.ok(!text.includes(secret), `${name} is in ${place}`);
        assert.ok(
          !text.includes(Buffer.from(secret).toString("base64url").slice(0, -2)),
          `${name}, encoded, is in ${place}`,
        );
      }
      for (const token of tokens) {
        const [, payload = "", signature = ""] = token.split(".");
        assert.ok(!text.includes(signature) && !text.includes(payload), `a part of a token is in ${place}`);
      }
    }
  });

  it("are kept to their owner", () => {
    assert.equal(statSync(gateway.data).mode & 0o077, 0);
  });

  it("did not reach the upstream but where they are meant for it", () => {
    assert.ok(upstream.seen.length > 10);
    for (const { url, rawHeaders } of upstream.seen) {
      const text = `${url} ${rawHeaders.join(" ")}`;
      for (const secret of [secrets.keyInEnvironment, secrets.keyInFile, secrets.clientSecret]) {
        // What is another API's key name is only a parameter here.
        const sent = text.replaceAll(/[?&](custom-key|subscription-key)=[^& ]*/gi, "").replaceAll(/x-custom \S+/gi, "");
        assert.ok(!sent.includes(secret), text);
      }
    }
  });
});
