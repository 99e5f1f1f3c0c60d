import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { KeptLog, ManualClock, providerOf } from "#identity/testing/doubles.ts";
import { joined, makeKey, TestIssuer } from "#identity/testing/issuer.ts";
import type { LoginSettings } from "#model/login.ts";
import { Secret } from "#model/secret.ts";
import { LogoutTokens, type LogoutVerdict } from "./logout-tokens.ts";

const events = { "http://schemas.openid.net/event/backchannel-logout": {} };

describe("logout tokens", () => {
  let clock: ManualClock;
  let issuer: TestIssuer;
  let tokens: LogoutTokens;
  let number = 0;

  beforeEach(async () => {
    clock = new ManualClock();
    issuer = new TestIssuer(clock);
    await issuer.addKey("k1");
    tokens = new LogoutTokens({ egress: issuer, clock, log: new KeptLog() });
    tokens.use(loginOf(["corp", "gateway"]), [providerOf(issuer.issuer)]);
  });

  const loginOf = (...clients: readonly (readonly [string, string])[]): LoginSettings => {
    const credential = { kind: "secret", secret: new Secret("test", "x") } as const;
    const providers = clients.map(([name, clientId]) => ({
      name,
      label: name,
      issuer: issuer.issuer,
      clientId,
      credential,
      scopes: [],
      prompt: null,
    }));
    return { providers, session: { idleMs: 1, lifetimeMs: 1, checkMs: 1 } };
  };
  const good = (): Record<string, unknown> => {
    number += 1;
    return { aud: "gateway", sub: "ada", sid: "s-1", jti: `j-${number}`, events };
  };
  const verify = async (
    changes: Readonly<Record<string, unknown>> = {},
    header: Readonly<Record<string, unknown>> = { typ: "logout+jwt" },
  ): Promise<LogoutVerdict> => tokens.verify(await issuer.token({ ...good(), ...changes }, header));

  it("name whose sessions are to end", async () => {
    assert.deepEqual(await verify(), { ok: true, match: { provider: "corp", subject: "ada", providerSession: "s-1" } });
    const bySubject = await verify({ sid: undefined });
    assert.deepEqual(bySubject.ok && bySubject.match, { provider: "corp", subject: "ada", providerSession: null });
  });

  it("name the client that they are for, where one issuer has several", async () => {
    const login = loginOf(["corp", "gateway"], ["partner", "other"]);
    tokens.use(login, [providerOf(issuer.issuer), providerOf(issuer.issuer, { name: "partner" })]);
    for (const [aud, provider] of [
      ["gateway", "corp"],
      ["other", "partner"],
      [["x", "other"], "partner"],
    ]) {
      const verdict = await verify({ aud });
      assert.equal(verdict.ok && verdict.match.provider, provider);
    }
  });

  it("are verified by keys from where the definition in force says, and fetched once while it says so", async () => {
    await verify();
    tokens.use(loginOf(["corp", "gateway"]), [providerOf(issuer.issuer)]);
    await verify();
    assert.equal(issuer.keySetFetches, 1);
    const moved = "https://elsewhere.example.com";
    tokens.use(loginOf(["corp", "gateway"]), [providerOf(issuer.issuer, { discovery: moved })]);
    await verify();
    assert.ok(issuer.requests.some(({ url }) => url.startsWith(moved)));
  });

  const refused: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    "for another client": { aud: "other" },
    "with a nonce, as ID tokens have": { nonce: "n" },
    "without the event": { events: {} },
    "whose event is no object": { events: { "http://schemas.openid.net/event/backchannel-logout": true } },
    "without jti": { jti: undefined },
    "without sub and sid": { sub: undefined, sid: undefined },
    "that are old": { iat: Math.floor(Date.parse("2026-01-15T11:00:00Z") / 1000) },
    "from the future": { iat: Math.floor(Date.parse("2026-01-15T13:00:00Z") / 1000) },
    "whose time is a text": { iat: "now" },
    "that have expired": { exp: Math.floor(Date.parse("2026-01-15T11:50:00Z") / 1000) },
    "of another issuer": { iss: "https://evil.example" },
  };
  for (const [name, changes] of Object.entries(refused)) {
    it(`are refused ${name}`, async () => assert.equal((await verify(changes)).ok, false));
  }

  it("are refused as access tokens, unsigned, or signed by anybody else", async () => {
    assert.equal((await verify({}, { typ: "at+jwt" })).ok, false);
    assert.equal((await tokens.verify(joined({ alg: "none" }, issuer.claims(good())))).ok, false);
    const stranger = await makeKey("k1");
    assert.equal(
      (await tokens.verify(await issuer.signed(JSON.stringify(issuer.claims(good())), {}, stranger))).ok,
      false,
    );
    assert.equal((await tokens.verify("not a token")).ok, false);
  });

  it("are good once", async () => {
    const token = await issuer.token(good(), { typ: "logout+jwt" });
    assert.equal((await tokens.verify(token)).ok, true);
    assert.deepEqual(await tokens.verify(token), { ok: false, isDown: false, detail: "jti was used before" });
  });

  it("may be sent again when the provider's keys cannot be had", async () => {
    issuer.down = true;
    const verdict = await verify();
    assert.deepEqual([verdict.ok, !verdict.ok && verdict.isDown], [false, true]);
  });
});
