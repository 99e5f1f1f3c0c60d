import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import type { Random, Sealer } from "#model/ports.ts";
import { beginLogin, loginCookieOf, loginLifetimeMs, resumeLogin } from "./login-state.ts";

const random: Random = { bytes: (count) => randomBytes(count) };

/** Keeps what it was given under a random name: what is not among them was not sealed here. */
function memorySealer(): Sealer {
  const kept = new Map<string, Uint8Array>();
  return {
    seal: (plain, context) => {
      const name = randomBytes(16);
      kept.set(`${context} ${name.toString("hex")}`, Buffer.from(plain));
      return name;
    },
    open: (sealed, context) => {
      const plain = kept.get(`${context} ${Buffer.from(sealed).toString("hex")}`);
      if (plain === undefined) throw new GatewayError("seal-broken", 500, "not sealed here");
      return plain;
    },
  };
}

describe("the state of a login", () => {
  const sealer = memorySealer();
  const cookie = loginCookieOf(new Map(), random);
  const facts = { provider: "corp", host: "app.example.com", back: "/x", at: 1_000_000, isSecond: false };
  const begun = beginLogin(cookie, facts, { sealer, random });
  const jar = new Map([[cookie.name, cookie.secret]]);

  it("comes back whole to the browser that has begun it", () => {
    const resumed = resumeLogin(begun.state, jar, sealer, facts.at + 1000);
    assert.deepEqual(resumed?.begun, begun);
    assert.deepEqual([resumed?.facts.back, resumed?.facts.provider], ["/x", "corp"]);
  });

  it("logs nobody in elsewhere: without the cookie, and with another one of the same name", () => {
    const other = new Map([[cookie.name, loginCookieOf(new Map(), random).secret]]);
    for (const cookies of [new Map<string, string>(), other, new Map([[cookie.name, ""]])]) {
      assert.equal(resumeLogin(begun.state, cookies, sealer, facts.at)?.begun, null);
    }
  });

  it("is nothing when it is old, from the future, or was not sealed here", () => {
    assert.equal(resumeLogin(begun.state, jar, sealer, facts.at + loginLifetimeMs + 1), null);
    assert.equal(resumeLogin(begun.state, jar, sealer, facts.at - 120_000), null);
    for (const state of ["", "x", randomBytes(16).toString("base64url")]) {
      assert.equal(resumeLogin(state, jar, sealer, facts.at), null);
    }
  });

  it("shares a browser's cookie between its logins, and nothing that is derived from it", () => {
    assert.deepEqual(loginCookieOf(jar, random), cookie);
    const second = beginLogin(cookie, facts, { sealer, random });
    assert.notEqual(second.nonce, begun.nonce);
    assert.notEqual(second.verifier, begun.verifier);
    assert.notEqual(begun.nonce, begun.verifier);
    assert.match(begun.verifier, /^[\w-]{43}$/);
  });
});
