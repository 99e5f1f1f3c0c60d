import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { jwtVerify } from "jose";
import type { AssertionKey } from "#model/assertion.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { Assertions } from "./assertions.ts";

function newKey(id: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key: AssertionKey = { id, pkcs8: privateKey.export({ type: "pkcs8", format: "der" }), issuer: "sallyport" };
  return { key, publicKey: createPublicKey(publicKey.export({ type: "spki", format: "pem" })) };
}

const agent: Principal = { ...anonymous, id: "i||agent", kind: "agent", issuer: "i", subject: "agent", clientId: "c9" };
const gateway: Principal = {
  ...anonymous,
  id: "i||gateway",
  kind: "service",
  issuer: "i",
  subject: "gateway",
  actor: agent,
};
const ann: Principal = {
  ...anonymous,
  id: "i|t|ann",
  kind: "user",
  issuer: "i",
  subject: "ann",
  email: "ann@example.com",
  groups: ["staff"],
  sessionId: "s1",
  actor: gateway,
};

function made() {
  const time = { now: Date.parse("2026-01-15T12:00:00Z") };
  let ids = 0;
  const { key, publicKey } = newKey("k1");
  const assertions = new Assertions({ clock: { now: () => time.now }, newId: () => `id-${(ids += 1)}` }, key);
  return { assertions, publicKey, time };
}

describe("assertions", () => {
  it("say who calls, whom for, and who acts, outermost first", async () => {
    const { assertions, publicKey, time } = made();
    const { payload, protectedHeader } = await jwtVerify(assertions.for(ann, "orders"), publicKey, {
      issuer: "sallyport",
      audience: "orders",
      currentDate: new Date(time.now),
    });
    const issuedAt = time.now / 1000;
    assert.deepEqual(protectedHeader, { alg: "ES256", typ: "JWT", kid: "k1" });
    assert.deepEqual(payload, {
      iss: "sallyport",
      aud: "orders",
      sub: "ann",
      principal: "i|t|ann",
      kind: "user",
      email: "ann@example.com",
      groups: ["staff"],
      sid: "s1",
      jti: "id-1",
      iat: issuedAt,
      exp: issuedAt + 300,
      act: { sub: "gateway", iss: "i", act: { sub: "agent", iss: "i", client_id: "c9" } },
    });
  });

  it("have groups as a list also where there are none", async () => {
    const { assertions, publicKey, time } = made();
    const text = assertions.for({ ...ann, groups: [] }, "orders");
    const { payload } = await jwtVerify(text, publicKey, { currentDate: new Date(time.now) });
    assert.deepEqual(payload["groups"], []);
  });

  it("are signed once a minute for one principal and API, and never for another", () => {
    const { assertions, time } = made();
    const first = assertions.for(ann, "orders");
    assert.equal(assertions.for(ann, "orders"), first);
    assert.notEqual(assertions.for(ann, "stock"), first);
    assert.equal(assertions.for(ann, "orders"), first);
    // Equal, and yet somebody else: groups of a session that was renewed are others.
    assert.notEqual(assertions.for({ ...ann }, "orders"), first);
    time.now += 60_000;
    assert.notEqual(assertions.for(ann, "orders"), first);
  });

  it("are signed by the key in force, and without one not at all", async () => {
    const { assertions, time } = made();
    const first = assertions.for(ann, "orders");
    const { key, publicKey } = newKey("k2");
    assertions.use(key);
    const second = assertions.for(ann, "orders");
    assert.notEqual(second, first);
    assert.equal((await jwtVerify(second, publicKey, { currentDate: new Date(time.now) })).protectedHeader.kid, "k2");
    assertions.use(null);
    assert.throws(() => assertions.for(ann, "orders"), { code: "internal" });
  });

  it("are remembered within a bound", () => {
    const { assertions } = made();
    const groups = Array.from({ length: 2000 }, (_, at) => `a-group-with-a-rather-long-name-${at}`);
    const crowd = Array.from({ length: 250 }, (_, at): Principal => ({ ...ann, id: `i|t|${at}`, groups }));
    const [first] = crowd as [Principal];
    const signed = assertions.for(first, "orders");
    for (const one of crowd) assertions.for(one, "orders");
    // 90 KB each: after 16 MiB whoever came first is signed anew.
    assert.notEqual(assertions.for(first, "orders"), signed);
  });
});
