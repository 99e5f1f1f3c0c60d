import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { IdentityProvider } from "#test/support/identity-provider.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { Visitor } from "#test/support/visitor.ts";

/** Whoever is logged in has no token to show: the gateway exchanges the one of their session. */
describe("the token of a session", () => {
  let upstream: TestUpstream;
  let exchange: TestUpstream;
  let gateway: TestGateway;
  let provider: IdentityProvider;
  let base = "";
  const exchanged: string[] = [];

  before(async () => {
    const [port = 0] = await freePorts(1);
    base = `https://localhost:${port}`;
    upstream = await startUpstream();
    provider = await new IdentityProvider({ gateway: base, ca: () => gateway.ca }).start();
    provider.people["ada"] = { name: "Ada", groups: ["staff"] };
    // Takes what the provider itself takes for a token of the person.
    exchange = await startUpstream((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => void (body += String(chunk)));
      request.on("end", () => {
        const authorization = `Bearer ${new URLSearchParams(body).get("subject_token") ?? ""}`;
        void fetch(`${provider.issuer}/me`, { headers: { authorization } })
          .then(async (answer) => (answer.ok ? ((await answer.json()) as { sub: string }).sub : undefined))
          .then((sub) => {
            if (sub === undefined) return response.writeHead(400).end('{"error":"invalid_request"}');
            exchanged.push(sub);
            return response.end(JSON.stringify({ access_token: `for-${sub}`, expires_in: 600 }));
          });
      });
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" } }
identity:
  providers:
    corp: { issuer: "${provider.issuer}", clientId: gateway, clientSecret: { env: CORP_SECRET }, login: true }
connections:
  corp:
    app: { tokenUrl: "${exchange.url}/token", clientId: gateway, clientSecret: { env: CORP_SECRET }, grant: token-exchange, audience: app }
apis:
  app: { hosts: [localhost], path: /app, backend: app, access: [{ allow: '"staff" in principal.groups' }] }
  open: { hosts: [localhost], path: /open, backend: app, access: public }
backends: { app: { url: "${upstream.url}", identity: assertion, authorization: { connection: corp/app } } }
`,
      args: ["--workers", "2"],
      env: { CORP_SECRET: provider.clientSecret },
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await provider?.stop();
    await exchange?.close();
    await upstream?.close();
  });

  it("is exchanged for the backend, once for all workers, and never shown to it", async () => {
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login?return=/app`, "ada");
    for (let times = 0; times < 6; times += 1) {
      const { status, text } = await visitor.go(`${base}/app/${times}`);
      assert.equal(status, 200, text);
      assert.equal(upstream.seen.at(-1)?.headers.authorization, "Bearer for-ada");
    }
    assert.deepEqual(exchanged, ["ada"]);
    const claims = JSON.parse(
      Buffer.from(
        String(upstream.seen.at(-1)?.headers["x-sallyport-assertion"]).split(".")[1] ?? "",
        "base64url",
      ).toString(),
    ) as Record<string, unknown>;
    assert.deepEqual([claims["sub"], claims["groups"], typeof claims["sid"]], ["ada", ["staff"], "string"]);
  });

  it("is none for whoever is not logged in", async () => {
    const { status, text } = await new Visitor(gateway.ca).go(`${base}/open/x`);
    assert.equal(status, 403);
    assert.match(text, /token-exchange-refused/);
  });
});
