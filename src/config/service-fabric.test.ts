import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

const ca = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

async function read(clusters: string, policy = "{ backendId: shop }"): Promise<{ found: unknown; problems: string[] }> {
  const text = `version: 1
serviceFabric: ${clusters}
apis: { a: { path: /a, backend: b, access: public, policies: { inbound: [{ set-backend-service: ${policy} }] } } }
backends: { b: { url: "http://127.0.0.1:1" } }
`;
  const { definition, diagnostics } = await loadText(text, { files: { "ca.pem": ca } });
  const problems = diagnostics.map(({ code, message }) => `${code}: ${message}`);
  return { found: definition?.fabricClusters, problems };
}

describe("clusters of Service Fabric", () => {
  it("say where they are asked, as whom, and which service is meant", async () => {
    const { found, problems } = await read(
      "{ shop: { endpoints: ['https://one.example:19080/', 'https://two.example:19080'], service: 'fabric:/shop/orders', ca: ca.pem } }",
    );
    assert.deepEqual(problems, []);
    const endpoints = ["https://one.example:19080", "https://two.example:19080"];
    const shop = { name: "shop", endpoints, service: "fabric:/shop/orders", certificate: null, ca, retries: 5 };
    assert.deepEqual(found, [shop]);
  });

  for (const [clusters, policy, problem] of [
    ["{}", "{ backendId: b, sfListenerName: l }", /^reference-unknown: there is no cluster b/],
    ["{}", "{ backendId: x }", /^reference-unknown: there is no backend x/],
    ["{}", "{ baseUrl: 'http://a.example', sfListenerName: l }", /sfListenerName: is for a cluster/],
    ["{ shop: {} }", "{ backendId: shop }", /endpoints/],
    ["{ shop: { endpoints: 'http://c.example' } }", "{ backendId: shop }", /over http/],
    [
      "{ shop: { endpoints: 'https://c.example', service: 'fabric:/System/ImageStore' } }",
      "{ backendId: shop }",
      /no service of an/,
    ],
    ["{ shop: { endpoints: 'https://c.example', clientCertificate: me } }", "{ backendId: shop }", /no certificate me/],
    ["{ b: { endpoints: 'https://c.example' } }", "{ backendId: b }", /b is a backend and a cluster/],
  ] as const) {
    it(`are not ${clusters} with ${policy}`, async () =>
      assert.match(String((await read(clusters, policy)).problems), problem));
  }
});
