import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ProofMaker } from "#identity/testing/dpop.ts";
import { type Asked, explained, type Reply, send, startAsked, teamKey } from "./setting.ts";

const door = "/.sallyport/auth";

/** Fields of a question as Traefik's ForwardAuth sends it. */
function question(uri: string, more: Readonly<Record<string, string | null>> = {}): string[] {
  const fields: Record<string, string | null> = {
    "X-Forwarded-Method": "GET",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "app.test",
    "X-Forwarded-Uri": uri,
    "X-Forwarded-For": "203.0.113.7",
    ...more,
  };
  return Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [name, value]));
}

/** Raw questions in the shape that Traefik asks in (Traefik itself is not run here). */
describe("forward_auth, asked as Traefik does", () => {
  let asked: Asked;
  let port: number;
  let staff: string;

  before(async () => {
    asked = await startAsked();
    port = asked.gateway.port;
    staff = `Bearer ${await asked.issuer.token({ sub: "ann", groups: ["staff"] })}`;
  });
  after(() => asked.close());

  const ask = (fields: readonly string[]): Promise<Reply> => send(port, door, fields);

  it("says who it is and what policies wrote, in a 200 without a body", async () => {
    const reply = await ask([...question("/orders/7?page=2"), "Authorization", staff]);
    assert.deepEqual([reply.status, reply.text], [200, ""]);
    assert.equal(reply.headers["x-auth-request-user"], "ann");
    assert.equal(reply.headers["x-auth-request-groups"], "staff");
    assert.equal(reply.headers["x-tenant"], "ann-tenant");
    assert.equal(reply.headers["x-auth-request-email"], "", "empty, so that what the client sent is overwritten");
    assert.equal(reply.headers["cache-control"], "no-store");
  });

  it("refuses as the direct way does: status, reason and challenge", async () => {
    const nobody = await ask(question("/orders/7"));
    assert.deepEqual([nobody.status, nobody.json()["reason"]], [401, "credentials-missing"]);
    assert.match(String(nobody.headers["www-authenticate"]), /^Bearer/);
    const direct = await send(port, "/orders/7");
    assert.deepEqual({ ...direct.json(), requestId: "" }, { ...nobody.json(), requestId: "" });
    const other = `Bearer ${await asked.issuer.token({ sub: "bob" })}`;
    const refused = await ask([...question("/orders/7"), "Authorization", other]);
    assert.deepEqual([refused.status, refused.json()["reason"]], [403, "access-denied"]);
  });

  it("has a token that is bound to a key proven for the request that is asked about", async () => {
    const maker = await ProofMaker.make();
    const token = await asked.issuer.token({ sub: "ann", groups: ["staff"], cnf: { jkt: maker.thumbprint } });
    const good = { htm: "GET", htu: "https://app.test/orders/7" };
    const proven = async (claims: object): Promise<Reply> => {
      const proof = await maker.proof(token, { ...good, ...claims });
      return ask([...question("/orders/7?page=2"), "Authorization", `DPoP ${token}`, "DPoP", proof]);
    };
    assert.equal((await proven({})).status, 200);
    const jti = { jti: "once" };
    assert.equal((await proven(jti)).status, 200);
    assert.equal((await proven(jti)).json()["reason"], "dpop-proof-replayed");
    for (const other of [
      { htm: "POST" },
      { htu: `http://localhost:${port}${door}` },
      { htu: "http://app.test/orders/7" },
    ]) {
      assert.equal((await proven(other)).json()["reason"], "dpop-proof-invalid", JSON.stringify(other));
    }
  });

  it("tells the identity fields that the client sent as empty ones", async () => {
    const reply = await ask([...question("/open/x"), "X-Auth-Request-User", "root", "X-Sallyport-Role", "admin"]);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers["x-auth-request-user"], "");
    assert.equal(reply.headers["x-sallyport-role"], "");
  });

  it("takes a key, tells that it is to be taken out, and cannot take one out of the query", async () => {
    const reply = await ask([...question("/keyed/x"), "Ocp-Apim-Subscription-Key", teamKey]);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers["ocp-apim-subscription-key"], "");
    assert.equal(reply.headers["x-sallyport-subscription"], "team");
    const inQuery = await ask(question(`/keyed/x?subscription-key=${teamKey}`));
    assert.deepEqual([inQuery.status, inQuery.json()["reason"]], [403, "forward-auth-not-offered"]);
  });

  it("counts together with the direct way, by the client's address", async () => {
    const from = (address: string): Promise<Reply> => ask(question("/limited/x", { "X-Forwarded-For": address }));
    assert.equal((await from("127.0.0.1")).status, 200);
    assert.equal((await send(port, "/limited/x")).status, 502, "counted, then nobody listens there");
    assert.equal((await from("127.0.0.1")).status, 200);
    const over = await from("127.0.0.1");
    assert.deepEqual([over.status, over.json()["reason"]], [429, "rate-limit-exceeded"]);
    assert.ok(Number(over.headers["retry-after"]) > 0);
    assert.equal((await send(port, "/limited/x")).status, 429);
    assert.equal((await from("198.51.100.4, 127.0.0.1")).status, 200, "another client behind the same proxies");
  });

  it("judges by the scheme and the address of the client, not of the proxy", async () => {
    assert.equal((await ask(question("/secure/x"))).status, 200);
    assert.equal((await ask(question("/secure/x", { "X-Forwarded-Proto": "http" }))).status, 401);
    assert.equal((await ask(question("/local/x"))).status, 401);
    assert.equal((await ask(question("/local/x", { "X-Forwarded-For": "127.0.0.1" }))).status, 200);
  });

  it("never makes a 2xx of a refusal, whatever a policy answers", async () => {
    const reply = await ask(question("/tricky/x"));
    assert.deepEqual([reply.status, reply.json()["reason"]], [401, "credentials-missing"]);
    assert.equal((await send(port, "/tricky/x")).status, 200, "on the direct way the policy has its say");
  });

  it("refuses for an API that is not offered, and for what is no route", async () => {
    const reply = await ask(question("/direct/x"));
    assert.deepEqual([reply.status, reply.json()["reason"]], [403, "forward-auth-not-offered"]);
    assert.equal((await ask(question("/nothing"))).status, 404);
    assert.equal((await ask(question("/orders/7", { "X-Forwarded-Host": "other.test" }))).status, 404);
  });

  for (const name of ["Method", "Proto", "Host", "Uri", "For"]) {
    it(`refuses a question without X-Forwarded-${name}`, async () => {
      const reply = await ask(question("/open/x", { [`X-Forwarded-${name}`]: null }));
      assert.deepEqual([reply.status, reply.json()["reason"]], [400, "forward-auth-malformed"]);
    });
    if (name === "For") continue;
    it(`refuses a question with two X-Forwarded-${name}`, async () => {
      const fields = question("/open/x");
      const at = fields.indexOf(`X-Forwarded-${name}`);
      const reply = await ask([...fields, `x-forwarded-${name.toLowerCase()}`, fields[at + 1] as string]);
      assert.deepEqual([reply.status, reply.json()["reason"]], [400, "forward-auth-malformed"]);
    });
  }

  for (const [what, more, reason] of [
    ["a method of no request", { "X-Forwarded-Method": "get" }, "forward-auth-malformed"],
    ["CONNECT", { "X-Forwarded-Method": "CONNECT" }, "method-not-supported"],
    ["an invalid host", { "X-Forwarded-Host": "app.test/x" }, "malformed-host"],
    ["another scheme", { "X-Forwarded-Proto": "ftp" }, "forward-auth-malformed"],
    ["an address that is none", { "X-Forwarded-For": "203.0.113.7, unknown" }, "forward-auth-malformed"],
    ["a fragment", { "X-Forwarded-Uri": "/open/x?a#b" }, "malformed-path"],
    ["an absolute target", { "X-Forwarded-Uri": "http://app.test/open/x" }, "malformed-path"],
    ["a second line in the target", { "X-Forwarded-Uri": "/open/x HTTP/1.1" }, "malformed-path"],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const reply = await ask(question("/open/x", more));
      assert.equal(reply.json()["reason"], reason);
      assert.ok(reply.status >= 400);
    });
  }

  it("the record shows every door, and that the response is unseen", async () => {
    const reply = await ask([...question("/orders/7"), "Authorization", staff]);
    const text = await explained(asked.gateway, reply);
    assert.match(text, /by the proxy 127\.0\.0\.1, which forwards by itself: the response is unseen/);
    assert.match(text, /GET app\.test\/orders\/7/);
    for (const step of ["forward-auth", "route", "authenticate", "access", "inbound", "grant"]) {
      assert.match(text, new RegExp(`\\s${step}\\s`));
    }
  });
});

/** Who may ask. */
describe("forward_auth, asked by others", () => {
  it("refuses callers that are not named, before anything is judged", async () => {
    const asked = await startAsked("{ path: /.sallyport/auth, callers: [192.0.2.1] }");
    try {
      const reply = await send(asked.gateway.port, door, question("/open/x"));
      assert.deepEqual([reply.status, reply.json()["reason"]], [403, "forward-auth-caller-not-allowed"]);
      const text = await explained(asked.gateway, reply);
      assert.match(text, /forward-auth-caller-not-allowed/);
    } finally {
      await asked.close();
    }
  });

  it("with a secret: without it, with another and with two it refuses; it stays out of what is judged and answered", async () => {
    const asked = await startAsked(
      "{ path: /.sallyport/auth, hosts: [auth.test], secret: { header: X-Door, value: { env: DOOR_SECRET } } }",
    );
    const ask = (...fields: string[]): Promise<Reply> =>
      send(asked.gateway.port, door, ["Host", "auth.test", ...question("/open/x"), ...fields]);
    try {
      const secret = "a-secret-of-the-proxy-0123";
      assert.equal((await ask()).json()["reason"], "forward-auth-caller-not-allowed");
      assert.equal((await ask("X-Door", `${secret}x`)).json()["reason"], "forward-auth-caller-not-allowed");
      assert.equal((await ask("X-Door", secret, "X-Door", secret)).json()["reason"], "forward-auth-caller-not-allowed");
      const reply = await ask("X-Door", secret);
      assert.equal(reply.status, 200);
      assert.equal(reply.headers["x-door"], undefined);
      const elsewhere = await send(asked.gateway.port, door, [...question("/open/x"), "X-Door", secret]);
      assert.equal(elsewhere.status, 404, "only on its hosts");
    } finally {
      await asked.close();
    }
  });
});

/** Raw questions in the shape that Envoy's HTTP ext_authz asks in (Envoy itself is not run here). */
describe("forward_auth, asked as Envoy does", () => {
  let asked: Asked;
  before(async () => {
    asked = await startAsked("{ path: /.sallyport/auth, callers: [127.0.0.1], question: path }");
  });
  after(() => asked.close());

  const ask = (target: string, method: string = "GET", fields: readonly string[] = []): Promise<Reply> =>
    send(
      asked.gateway.port,
      `${door}${target}`,
      ["X-Forwarded-Proto", "https", "X-Forwarded-For", "203.0.113.7", "X-Forwarded-Uri", "/open/x", ...fields],
      { method },
    );

  it("takes the path behind the prefix, and not what the client wrote into X-Forwarded-Uri", async () => {
    assert.equal((await ask("/open/x?y=1", "POST")).status, 200);
    const reply = await ask("/orders/7");
    assert.deepEqual([reply.status, reply.json()["reason"]], [401, "credentials-missing"]);
  });

  it("a path that leads out of the prefix is a question all the same, and refused", async () => {
    for (const target of ["/../direct/x", "/../../open/x", "/%2e%2e/direct/x", "/open/../orders/7", "//open/x"]) {
      const reply = await ask(target);
      assert.deepEqual([target, reply.status], [target, 400]);
    }
  });

  it("the prefix alone asks about nothing", async () => assert.equal((await ask("")).status, 404));
});
