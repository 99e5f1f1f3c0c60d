import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Sticky } from "#model/balancing.ts";
import { exchange } from "#upstream/forwarding.test-helper.ts";
import { StickyCookies } from "./sticky-cookies.ts";

const key = new Uint8Array(32).fill(7);
const setting: Sticky = { cookie: "lb", ttlMs: 0, sameSite: "lax", path: "/" };
const a = { name: "a" };
const b = { name: "b" };
const addresses = new Map([
  ["http://10.0.0.1:80", a],
  ["http://10.0.0.2:80", b],
]);

function cookies(more: Partial<Sticky> = {}, backend = "orders"): StickyCookies<typeof a> {
  const made = new StickyCookies<typeof a>({ ...setting, ...more }, backend, key);
  made.follow(addresses);
  return made;
}

function valueOf(line: string | undefined): string {
  return /^lb=([^;]*)/.exec(line ?? "")?.[1] ?? assert.fail(`no cookie: ${line}`);
}

describe("a sticky cookie", () => {
  it("names its target on every worker, and does not tell where that is", () => {
    const line = cookies().write(a, exchange());
    assert.match(line ?? "", /^lb=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/);
    const back = exchange({ headers: ["Cookie", `x=1; lb=${valueOf(line)}`] });
    assert.equal(cookies().find(back), a);
    assert.equal(cookies().write(a, back), undefined);
    assert.notEqual(valueOf(cookies().write(b, back)), valueOf(line));
  });

  it("is Secure over https, and has the path, age and site of the definition", () => {
    const secure = exchange();
    Object.assign(secure.facts, { scheme: "https" });
    const line = cookies({ ttlMs: 3_600_000, sameSite: "none", path: "/orders" }).write(a, secure);
    assert.match(line ?? "", /; Path=\/orders; Max-Age=3600; HttpOnly; SameSite=None; Secure$/);
  });

  it("is Secure when a proxy that is believed says that the client came over https", () => {
    const isSecure = (peerTrusted: boolean, proto: string): boolean => {
      const behind = exchange({ headers: ["X-Forwarded-Proto", proto] });
      Object.assign(behind.facts, { peerTrusted });
      return (cookies().write(a, behind) ?? assert.fail("no cookie")).endsWith("; Secure");
    };
    assert.equal(isSecure(true, "https"), true);
    assert.equal(isSecure(true, "http, https"), true);
    assert.equal(isSecure(true, "https, http"), false);
    assert.equal(isSecure(false, "https"), false);
  });

  it("of another backend, made up, or of a target that is gone names nothing", () => {
    const value = valueOf(cookies().write(a, exchange()));
    const back = exchange({ headers: ["Cookie", `lb=${value}`] });
    assert.equal(cookies({}, "other").find(back), undefined);
    const changed = `${value.slice(0, -1)}${value.endsWith("A") ? "Q" : "A"}`;
    for (const forged of ["", "a", "http://10.0.0.1:80", changed, "__proto__", "x".repeat(8000)]) {
      assert.equal(cookies().find(exchange({ headers: ["Cookie", `lb=${forged}`] })), undefined);
    }
    const left = cookies();
    left.follow(new Map([["http://10.0.0.2:80", b]]));
    assert.equal(left.find(back), undefined);
  });
});
