import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const shown = `<policies>
  <inbound><base /><return-response><set-body>@(context.Request.OriginalUrl.ToString() + " " + context.Request.OriginalUrl.Scheme + " " + context.Request.Url.Scheme)</set-body></return-response></inbound>
  <backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error>
</policies>`;
const liquid = `<policies>
  <inbound><base /><return-response><set-body template="liquid">{{context.Request.OriginalUrl.Scheme}} {{context.Request.OriginalUrl.Port}}</set-body></return-response></inbound>
  <backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error>
</policies>`;

/** Clear text behind a proxy that had the client over TLS, as in front of an API Management of one's own. */
describe("the scheme that a trusted proxy had the client over", () => {
  let upstream: TestUpstream;
  let believing: TestGateway;
  let unbelieving: TestGateway;

  const definition = (trusted: string): string => `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }, trustedProxies: [${trusted}] }
apis:
  shown: { path: /shown, backend: up, access: public, policies: shown.xml }
  liquid: { path: /liquid, backend: up, access: public, policies: liquid.xml }
  kept:
    path: /kept
    backend: up
    access: public
    policies: { inbound: [cache-lookup: {}], outbound: [cache-store: { duration: 60s }, redirect-content-urls] }
backends: { up: { url: "${upstream.url}" } }
`;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      response.setHeader("Content-Type", "text/plain");
      response.end(`${request.headers["x-forwarded-proto"]} ${upstream.seen.length} ${upstream.url}/a`);
    });
    const files = { "shown.xml": shown, "liquid.xml": liquid };
    believing = await startTestGateway({ definition: definition("127.0.0.1"), files, args: ["--workers", "1"] });
    unbelieving = await startTestGateway({ definition: definition(""), files, args: ["--workers", "1"] });
  });
  after(async () => {
    await believing.cleanUp();
    await unbelieving.cleanUp();
    await upstream.close();
  });

  const ask = async (gateway: TestGateway, path: string, proto: string): Promise<string> =>
    (await call(gateway, path, { headers: { host: "api.test", "x-forwarded-proto": proto } })).text;

  /** What the cache has: a response may be with its client a moment before it is there. */
  async function kept(gateway: TestGateway, proto: string): Promise<string> {
    let last = "";
    for (let tries = 0; tries < 40; tries++) {
      const now = await ask(gateway, "/kept", proto);
      if (now === last) return now;
      last = now;
    }
    throw new Error("nothing is kept");
  }

  it("is that of the original URL in policies", async () => {
    const path = "/shown/a?b=c";
    assert.equal(await ask(believing, path, "https"), `https://api.test${path} https http`);
    assert.equal(await ask(believing, path, "http, HTTPS"), `https://api.test${path} https http`);
    assert.equal(await ask(believing, path, "wss"), `http://api.test${path} http http`);
    assert.equal(await ask(unbelieving, path, "https"), `http://api.test${path} http http`);
    assert.equal(await ask(believing, "/liquid", "https"), "https 443");
    assert.equal(await ask(unbelieving, "/liquid", "https"), "http 80");
  });

  it("tells two copies in the cache apart, and is written into links", async () => {
    const first = await kept(believing, "https");
    assert.match(first, /^https \d+ https:\/\/api\.test\/kept\/a$/);
    assert.match(await kept(believing, "http"), /^http \d+ http:\/\/api\.test\/kept\/a$/);
    assert.equal(await ask(believing, "/kept", "https"), first);
    const claimed = await kept(unbelieving, "https");
    assert.match(claimed, /^http \d+ http:\/\/api\.test\/kept\/a$/);
    assert.equal(await ask(unbelieving, "/kept", "http"), claimed);
  });
});
