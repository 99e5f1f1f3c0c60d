import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { applyIdentityHeaders } from "./upstream-identity.ts";

const alice: Principal = {
  ...anonymous,
  id: "i||alice",
  kind: "user",
  subject: "alice",
  email: "alice@example.com",
  groups: ["staff", "engineering"],
  authMethod: "token",
  claims: { preferred_username: "al" },
};

function applied(raw: string[], principal: Principal, subscription = ""): string[] {
  const headers = new HeaderList(raw);
  const active = subscription === "" ? null : { id: subscription, scope: "all", by: "key" as const };
  applyIdentityHeaders(headers, principal, active);
  return headers.raw;
}

describe("identity fields for the upstream", () => {
  it("say who calls", () => {
    const written = applied(["Accept", "*/*"], alice, "acme");
    const fields = written.flatMap((text, at) => (at % 2 === 0 ? [`${text}: ${written[at + 1]}`] : []));
    assert.deepEqual(fields, [
      "Accept: */*",
      "X-Auth-Request-User: alice",
      "X-Auth-Request-Email: alice@example.com",
      "X-Auth-Request-Groups: staff,engineering",
      "X-Auth-Request-Preferred-Username: al",
      "X-Sallyport-Subscription: acme",
    ]);
  });

  it("do not say that the owner of a key calls", () => {
    const written = applied([], { ...alice, authMethod: "subscription-key" }, "acme");
    assert.deepEqual(written, ["X-Sallyport-Subscription", "acme"]);
  });

  it("that a client made up are removed, in any spelling, also for nobody", () => {
    const spoofed = [
      "X-Auth-Request-User",
      "x-auth-request-email",
      "X-AUTH-REQUEST-GROUPS",
      "X-Auth-Request-Access-Token",
      "X_Auth_Request_User",
      "X-Auth_Request.User",
      "X-Sallyport-Assertion",
      "x-sallyport-anything",
      "X-Forwarded-User",
      "x-forwarded-EMAIL",
      "X_Forwarded_Groups",
      "X-Forwarded-Preferred-Username",
      "X-Forwarded-Access-Token",
      "X.Forwarded.Client_Cert",
      "x_forwarded_user",
    ].flatMap((name) => [name, "root"]);
    const kept = ["Host", "a", "X-Forwarded-For", "192.0.2.1", "X-Auth", "1", "X-Authentic", "2"];
    kept.push("X-Forwarded-Proto", "https", "X-Forwarded-Prefix", "/a", "X-Forwarded-", "b", "X-Sally", "c");
    assert.deepEqual(applied([...spoofed, ...kept], anonymous), kept);
    assert.doesNotMatch(applied([...kept, ...spoofed], alice).join("\n"), /root/);
  });

  it("cannot be broken out of", () => {
    const principal = {
      ...alice,
      subject: "a\r\nX-Admin: 1",
      email: "é@example.com",
      groups: ["ok", "staff,admin", " admin", "x\r\ny", "Größe"],
    };
    const raw = applied([], principal);
    assert.equal(raw[1], "a%0D%0AX-Admin: 1");
    assert.equal(raw[3], "%C3%A9@example.com");
    assert.equal(raw[5], "ok,Gr%C3%B6%C3%9Fe");
    for (const text of raw) assert.match(text, /^[\x20-\x7e]*$/);
  });

  it("are different for different names", () => {
    const [plain, escaped] = ["é", "%C3%A9"].map((subject) => applied([], { ...alice, subject })[1]);
    assert.notEqual(plain, escaped);
  });
});
