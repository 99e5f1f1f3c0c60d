import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

function proxyOf(node: ReturnType<typeof policy>): unknown {
  const exchange = exchangeFor();
  const outcome = run(node, exchange);
  return outcome?.kind === "refusal" ? outcome.reason : exchange.request.proxy;
}

describe("proxy", () => {
  it("is the request's way to the backend, declared where its URL is written out", () => {
    assert.deepEqual(proxyOf(policyFromXml("inbound", '<proxy url="http://p.example:3128" />')), {
      url: "http://p.example:3128",
      declared: true,
      authorization: null,
    });
  });

  it("leaves a computed URL to egress control", () => {
    assert.deepEqual(proxyOf(policy("proxy", { url: cel("'http://' + request.host + ':1'") })), {
      url: "http://api.example.com:1",
      declared: false,
      authorization: null,
    });
  });

  it("shows the proxy a user and a password, in UTF-8, either of them computed", () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
    const with_ = (args: Parameters<typeof policy>[1]): unknown =>
      (proxyOf(policy("proxy", { url: "http://p:1", ...args })) as { authorization: string }).authorization;
    assert.equal(with_({ username: "jürgen", password: cel("'a:' + 'b'") }), basic("jürgen:a:b"));
    assert.equal(with_({ username: cel("'u'") }), basic("u:"));
  });

  it("refuses a user whose name would end elsewhere", () => {
    assert.equal(proxyOf(policy("proxy", { url: "http://p:1", username: cel("'a:b'") })), "expression-failed");
  });

  it("is http://host:port, in inbound", () => {
    for (const url of ["https://p:1", "p:1", "http://u@p:1", "http://p:1/path"]) {
      assert.match(problemsOfXml("inbound", `<proxy url="${url}" />`).join(), /http:\/\/host:port/, url);
    }
    assert.match(problemsOfXml("inbound", "<proxy />").join(), /url/);
    assert.match(problemsOfXml("outbound", '<proxy url="http://p:1" />').join(), /outbound/);
  });
});
