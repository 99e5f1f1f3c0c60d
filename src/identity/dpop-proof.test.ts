import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import { Exchange, type RequestFacts } from "#model/exchange.ts";
import type { ClientStream } from "#model/body.ts";
import { HeaderList } from "#model/header-list.ts";
import { DpopNonces } from "./dpop-nonces.ts";
import { type NextNonce, ProofChecker, type ProofProblem } from "./dpop-proof.ts";
import { encoded } from "./testing/issuer.ts";
import { ManualClock } from "./testing/doubles.ts";
import { ProofMaker } from "./testing/dpop.ts";

/** One use each; the real one is shared by all workers, and tested with them. */
class Uses {
  readonly seen = new Set<string>();
  room = true;

  take(_limiter: number, id: string): number {
    if (!this.room || this.seen.has(id)) return -1;
    this.seen.add(id);
    return 0;
  }
}

class Now extends ManualClock {
  ahead = 0;

  override now(): number {
    return Date.now() + this.ahead;
  }
}

const token = "the.access.token";
const url = "https://api.example.com/orders";

function factsOf(more: Partial<RequestFacts> = {}): RequestFacts {
  const exchange = new Exchange(
    {
      id: "1",
      startedAt: 0,
      startedMono: 0,
      protocol: "HTTP/1.1",
      scheme: "https",
      method: "GET",
      host: "api.example.com",
      authority: "api.example.com",
      target: "/orders?page=2",
      path: "/orders",
      query: "page=2",
      headers: new HeaderList(),
      body: null,
      peerAddress: "192.0.2.1",
      clientAddress: "192.0.2.1",
      peerTrusted: false,
      upgrade: null,
      tls: null,
      ...more,
    },
    {} as ClientStream,
  );
  return exchange.facts;
}

interface Setting {
  readonly uses: Uses;
  readonly clock: Now;
  readonly maker: ProofMaker;
  readonly nonces: DpopNonces;
  check(proof: string, facts?: RequestFacts): ProofProblem | undefined;
  checkWithNonce(proof: string): ProofProblem | NextNonce | undefined;
}

async function setUp(algorithm?: string, startedAt: number = 0): Promise<Setting> {
  const [uses, clock, maker] = [new Uses(), new Now(), await ProofMaker.make(algorithm)];
  const nonces = new DpopNonces(clock, (text) => createHash("sha256").update(text).digest());
  const checker = new ProofChecker({ clock, replays: uses, limiter: 1, startedAt, nonces });
  const digest = createHash("sha256").update(token).digest("base64url");
  const proven = { digest, key: maker.thumbprint };
  const check = (proof: string, facts: RequestFacts = factsOf()): ProofProblem | undefined => {
    const outcome = checker.check(proof, facts, proven);
    assert.ok(outcome === undefined || "reason" in outcome);
    return outcome;
  };
  const checkWithNonce = (proof: string): ProofProblem | NextNonce | undefined =>
    checker.check(proof, factsOf(), { ...proven, nonces: true });
  return { uses, clock, maker, nonces, check, checkWithNonce };
}

const good = { htm: "GET", htu: url };

describe("a DPoP proof", () => {
  for (const algorithm of ["ES256", "ES384", "ES512", "PS256", "RS256", "EdDSA", "Ed25519"]) {
    it(`is good with ${algorithm}, also by a key that is known`, async () => {
      const { maker, check } = await setUp(algorithm);
      for (let at = 0; at < 3; at += 1) assert.equal(check(await maker.proof(token, good)), undefined);
      const proof = await maker.proof(token, good);
      const forged = `${proof.slice(0, proof.lastIndexOf("."))}.${encoded("x".repeat(64))}`;
      assert.equal(check(forged)?.detail, "the signature does not fit");
    });
  }

  it("is for one request: method, URL, token, and not for another", async () => {
    const { maker, check } = await setUp();
    const cases: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
      [{ htm: "POST" }, /htm/],
      [{ htm: "get" }, /htm/],
      [{ htm: undefined }, /htm/],
      [{ htu: "https://api.example.com/other" }, /htu/],
      [{ htu: "http://api.example.com/orders" }, /htu/],
      [{ htu: "https://api.example.com:8443/orders" }, /htu/],
      [{ htu: "https://evil.example/orders" }, /htu/],
      [{ htu: "https://api.example.com@evil.example/orders" }, /htu/],
      [{ htu: "https://user@api.example.com/orders" }, /htu/],
      [{ htu: "/orders" }, /htu/],
      [{ htu: undefined }, /htu/],
      [{ ath: undefined }, /ath/],
      [{ ath: createHash("sha256").update("other").digest("base64url") }, /ath/],
      [{ jti: undefined }, /jti/],
      [{ jti: "" }, /jti/],
      [{ jti: "x".repeat(257) }, /jti/],
      [{ jti: 5 }, /jti/],
    ];
    for (const [claims, expected] of cases) {
      const problem = check(await maker.proof(token, { ...good, ...claims }));
      assert.equal(problem?.reason, "dpop-proof-invalid");
      assert.match(problem?.detail ?? "", expected, JSON.stringify(claims));
    }
    for (const htu of [
      url,
      `${url}?page=9#x`,
      "HTTPS://API.example.com:443/orders",
      "https://api.example.com/a/../orders",
    ]) {
      assert.equal(check(await maker.proof(token, { htm: "GET", htu })), undefined, htu);
    }
  });

  it("is made by the token's key, and by a public one that fits its algorithm", async () => {
    const { maker, check } = await setUp();
    const thief = await ProofMaker.make();
    assert.match(check(await thief.proof(token, good))?.detail ?? "", /another key/);
    assert.match(check(await thief.proof(token, good, { jwk: maker.jwk }))?.detail ?? "", /signature/);
    const own = await exportJWK((await generateKeyPair("ES256", { extractable: true })).privateKey);
    const headers: readonly Readonly<Record<string, unknown>>[] = [
      { jwk: own },
      { jwk: { ...maker.jwk, d: "AAAA" } },
      { jwk: { kty: "oct", k: "AAAA" } },
      { jwk: undefined },
      { jwk: "x" },
      { jwk: { ...maker.jwk, y: maker.jwk.x } },
      { typ: "JWT" },
      { typ: undefined },
      { b64: true },
    ];
    for (const header of headers) {
      const proof = await maker.proof(token, good, header);
      assert.equal(check(proof)?.reason, "dpop-proof-invalid", JSON.stringify(header));
    }
    const parts = (await maker.proof(token, good)).split(".");
    for (const alg of ["none", "HS256", "RS256", "ES384", undefined]) {
      const head = encoded(JSON.stringify({ typ: "dpop+jwt", alg, jwk: maker.jwk }));
      assert.equal(check([head, parts[1], parts[2]].join("."))?.reason, "dpop-proof-invalid", String(alg));
    }
    const critical = encoded(JSON.stringify({ typ: "dpop+jwt", alg: "ES256", jwk: maker.jwk, crit: ["x"] }));
    assert.match(check([critical, parts[1], parts[2]].join("."))?.detail ?? "", /critical/);
    for (const text of ["", "x", "a.b.c", `${parts.join(".")}=`, `${parts.join(".")} `, "x".repeat(9000)]) {
      assert.equal(check(text)?.reason, "dpop-proof-invalid");
    }
  });

  it("is of now: a minute old at most, ten seconds ahead at most, and not from before the start", async () => {
    const { maker, check, clock } = await setUp();
    for (const [ahead, expected] of [
      [58_000, undefined],
      [62_000, "iat is too long ago"],
      [-9000, undefined],
      [-12_000, "iat is in the future"],
    ] as const) {
      clock.ahead = ahead;
      assert.equal(check(await maker.proof(token, good))?.detail, expected, String(ahead));
    }
    clock.ahead = 0;
    for (const iat of ["now", null, undefined, -1]) {
      assert.match(check(await maker.proof(token, { ...good, iat }))?.detail ?? "", /iat/);
    }
    const later = await setUp("ES256", Date.now() + 5000);
    assert.equal(later.check(await later.maker.proof(token, good))?.detail, "made before this gateway started");
  });

  it("is for the URL that the client speaks to a proxy that is believed", async () => {
    const { maker, check } = await setUp();
    const headers = new HeaderList(["X-Forwarded-Proto", "https"]);
    const behind = { scheme: "http", headers } as const;
    assert.equal(check(await maker.proof(token, good), factsOf({ ...behind, peerTrusted: true })), undefined);
    assert.notEqual(check(await maker.proof(token, good), factsOf(behind)), undefined);
  });

  it("is good once; and not at all where there is no room to remember it", async () => {
    const { maker, check, uses } = await setUp();
    const proof = await maker.proof(token, good);
    assert.equal(check(proof), undefined);
    assert.equal(check(proof)?.reason, "dpop-proof-replayed");
    const same = await maker.proof(token, { ...good, jti: "same" });
    assert.equal(check(same), undefined);
    assert.equal(check(await maker.proof(token, { ...good, jti: "same" }))?.reason, "dpop-proof-replayed");
    // What is refused for another reason uses nobody's number up.
    const other = await maker.proof(token, { ...good, jti: "other", htm: "PUT" });
    assert.equal(check(other)?.reason, "dpop-proof-invalid");
    assert.ok(![...uses.seen].some((id) => id.endsWith(" other")));
    uses.room = false;
    assert.equal(check(await maker.proof(token, good))?.reason, "dpop-proof-replayed");
  });
});

describe("a proof for a provider with nonces", () => {
  it("must hold the nonce of now, or of the minute before, which brings the next one", async () => {
    const { clock, maker, nonces, checkWithNonce } = await setUp();
    const withNonce = (nonce: unknown): Promise<string> => maker.proof(token, { ...good, nonce });
    const first = nonces.current();
    for (const nonce of [undefined, "", 7, "made-up", [first]]) {
      const outcome = checkWithNonce(await withNonce(nonce));
      assert.ok(outcome !== undefined && "reason" in outcome);
      assert.equal(outcome.reason, "dpop-nonce-required", String(nonce));
    }
    assert.equal(checkWithNonce(await withNonce(first)), undefined);
    const late = await withNonce(first);
    clock.ahead = 59_000;
    while (nonces.current() === first) clock.ahead += 500;
    assert.deepEqual(checkWithNonce(late), { nextNonce: nonces.current() });
    clock.ahead += 60_000;
    const fresh = { ...good, iat: Math.floor(clock.now() / 1000), nonce: first };
    assert.equal((checkWithNonce(await maker.proof(token, fresh)) as ProofProblem).reason, "dpop-nonce-required");
  });

  it("is not used up by a nonce that is missing, and is refused for what else is wrong first", async () => {
    const { uses, maker, nonces, checkWithNonce } = await setUp();
    checkWithNonce(await maker.proof(token, good));
    assert.equal(uses.seen.size, 0);
    const wrong = await maker.proof(token, { ...good, htm: "POST", nonce: nonces.current() });
    assert.equal((checkWithNonce(wrong) as ProofProblem).reason, "dpop-proof-invalid");
  });
});
