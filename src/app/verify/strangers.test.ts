import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "#config/fixture.test-helper.ts";
import type { Finding } from "#model/finding.ts";
import { strangerFindings } from "./strangers.ts";

const clock = { now: () => 0, mono: () => 0 };

async function found(access: string, more = ""): Promise<readonly Finding[]> {
  const { definition, diagnostics } = await loadText(`version: 1
edge: { https: internal }
identity: { providers: { corp: { issuer: "https://login.example.com/", audiences: ["api://a"] } } }
apis:
  orders: { path: /orders, backend: b, ${access}${more} }
  open: { path: /open, backend: b, access: public }
  keyed: { path: /keyed, backend: b }
products: { starter: { apis: [keyed], subscription: key } }
backends: { b: { url: "http://127.0.0.1:1" } }
`);
  assert.ok(definition !== null, JSON.stringify(diagnostics));
  return strangerFindings(definition, clock);
}

const told = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ group, name, state, detail }) => `${group} ${name} ${state}: ${detail}`);

describe("strangers at operations with rules", () => {
  it("are refused where they are outside of every rule; public ones and keys are not about them", async () => {
    assert.deepEqual(told(await found(`access: [{ allow: '"staff" in principal.groups' }]`)), [
      "orders all: GET /orders/sallyport-verify by strangers passed: the rules refuse a person in no group of corp, " +
        "a service without scopes or roles of corp, an agent of corp",
    ]);
  });

  it("need not all be outside: one rule keeps agents out", async () => {
    const [one] = await found(`access: [{ deny: 'principal.kind == "agent"' }]`);
    assert.deepEqual([one?.state, one?.detail], ["passed", "the rules refuse an agent of corp"]);
  });

  it("are warned of where a rule holds for all of them, or no rule leaves anybody out", async () => {
    const [one] = await found(
      `access: [{ allow: 'principal.subject != ""' }, { allow: '"staff" in principal.groups' }]`,
    );
    assert.deepEqual([one?.state, one?.detail], ["warned", 'principal.subject != "" holds for every stranger']);
    const [other] = await found(`access: [{ deny: 'principal.subject == "mallory"' }]`);
    assert.deepEqual([other?.state, other?.detail], ["warned", "they leave nobody out"]);
  });
});
