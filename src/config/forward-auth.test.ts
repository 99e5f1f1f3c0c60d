import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codes, loadText } from "./fixture.test-helper.ts";

const door = "{ path: /auth, callers: [10.0.0.1] }";

const definition = (policies: string, more = ""): string => `version: 1
edge: { https: off, forwardAuth: ${door} }
${more}
apis:
  orders:
    path: /orders
    forwardAuth: true
    access: public
    policies: ${policies}
`;

describe("forwardAuth", () => {
  it("is read, the secret as its digest only", async () => {
    const text = `version: 1
edge: { https: off, forwardAuth: { path: /auth, hosts: [auth.test], secret: { header: X-Door, value: { env: S } }, question: path } }
`;
    const { definition: read, diagnostics } = await loadText(text, { variables: { S: "0123456789abcdef" } });
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(read?.edge.forwardAuth, {
      path: "/auth",
      hosts: ["auth.test"],
      callers: [],
      secret: { header: "x-door", secret: true, value: "n59REfeyengfHx3d5evC3St5a/xzZcnCi1SOVkF2kp8=" },
      question: "path",
    });
  });

  for (const [what, settings, code] of [
    ["nobody who may ask", "{ path: /auth }", "key-missing"],
    ["no path", "{ callers: [10.0.0.1] }", "key-missing"],
    ["a path with another spelling", "{ path: /a/../auth, callers: [10.0.0.1] }", "value-invalid"],
    ["a path for everything", "{ path: /, callers: [10.0.0.1] }", "value-invalid"],
    ["a host for many", '{ path: /auth, hosts: ["*.test"], callers: [10.0.0.1] }', "value-invalid"],
    ["a caller that is none", "{ path: /auth, callers: [proxy] }", "value-invalid"],
    ["a secret written out", "{ path: /auth, secret: { header: X-Door, value: plain } }", "secret-plain"],
    ["a short secret", "{ path: /auth, secret: { header: X-Door, value: { env: S } } }", "value-invalid"],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const result = await loadText(`version: 1\nedge: { https: off, forwardAuth: ${settings} }\n`, {
        variables: { S: "short" },
      });
      assert.equal(result.definition, null);
      assert.ok(codes(result).some((one) => one.startsWith(`${code} 2:`)));
    });
  }

  for (const policies of [
    "{ inbound: [base, { check-header: { name: X-A } }, { set-header: { name: X-B, values: [b] } }] }",
    "{ inbound: [{ return-response: { status: 403 } }], on-error: [{ set-body: sorry }] }",
    "{ inbound: [{ choose: { when: [{ condition: request.method == 'GET', policies: [{ set-variable: { name: a, value: b } }] }] } }] }",
    "{ backend: [base], outbound: [base] }",
  ]) {
    it(`takes ${policies}`, async () => assert.deepEqual(codes(await loadText(definition(policies))), []));
  }

  for (const policies of [
    "{ inbound: [base, { set-body: x }] }",
    '{ inbound: [{ set-variable: { name: a, value: "${request.json.a}" } }] }',
    "{ inbound: [{ rewrite-uri: /x }] }",
    "{ inbound: [{ set-method: POST }] }",
    "{ inbound: [{ mock-response: 200 }] }",
    "{ inbound: [{ return-response: { status: 200 } }] }",
    "{ inbound: [{ return-response: {} }] }",
    "{ inbound: [{ set-header: { name: Host, values: [a.test] } }] }",
    "{ inbound: [{ cors: { allowedOrigins: ['https://a.test'] } }] }",
    "{ inbound: [{ choose: { when: [{ condition: 'true', policies: [{ set-method: PUT }] }] } }] }",
    "{ backend: [{ forward-request: { timeout: 1s } }] }",
    "{ outbound: [base, { set-status: 201 }] }",
  ]) {
    it(`refuses ${policies}, with the policy's place`, async () => {
      const result = await loadText(definition(policies));
      assert.deepEqual(
        codes(result).map((one) => one.replace(/:\d+$/, "")),
        ["forward-auth-policy 9"],
      );
      assert.match(result.diagnostics[0]?.fix ?? "", /take it out of orders .* or drop forwardAuth/);
    });
  }

  it("finds those of broader scopes, once, and not behind a section without base", async () => {
    const global = "policies: { outbound: [{ set-header: { name: X-Powered-By, ifExists: delete } }] }";
    assert.deepEqual(codes(await loadText(definition("{}", global))), ["forward-auth-policy 3:26"]);
    assert.deepEqual(codes(await loadText(definition("{ outbound: [] }", global))), []);
  });

  it("says so when nobody can ask", async () => {
    const text = "version: 1\napis: { a: { path: /a, forwardAuth: true, access: public } }\n";
    assert.deepEqual(codes(await loadText(text)), ["setting-unused 2:37"]);
  });
});
