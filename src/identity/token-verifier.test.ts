import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Provider } from "#model/definition.ts";
import type { TokenVerdict } from "#model/ports.ts";
import { KeptLog, ManualClock, providerOf } from "./testing/doubles.ts";
import { joined, makeKey, TestIssuer } from "./testing/issuer.ts";
import { createTokenVerifier, type ManagedTokenVerifier, refusedBounds } from "./token-verifier.ts";

const minute = 60_000;
const hour = 60 * minute;

let clock: ManualClock;
let issuer: TestIssuer;
let log: KeptLog;
let verifier: ManagedTokenVerifier;

async function start(more: Partial<Provider> = {}): Promise<void> {
  const providers = [providerOf(issuer.issuer, more)];
  verifier = createTokenVerifier({
    providers,
    egress: issuer,
    clock,
    log,
    cache: { entries: 200, bytes: 1024 * 1024 },
  });
  await verifier.ready();
}

function reasonOf(verdict: TokenVerdict): string {
  return verdict.ok ? "accepted" : verdict.reason;
}

beforeEach(async () => {
  clock = new ManualClock();
  issuer = new TestIssuer(clock);
  log = new KeptLog();
  await issuer.addKey("first");
});

afterEach(() => verifier.close());

describe("remembered tokens", () => {
  it("are answered without a promise and with the same principal until they expire", async () => {
    await start();
    const token = await issuer.token();
    const first = verifier.verify(token);
    assert.ok(first instanceof Promise);
    const verdict = await first;
    assert.ok(verdict.ok);
    // A new string with the same characters, as the next request brings it.
    const again = verifier.verify(Buffer.from(token).toString());
    assert.equal(again, verdict);
    clock.advance(hour - 1);
    assert.equal(verifier.verify(token), verdict);
    clock.advance(1);
    assert.equal(reasonOf(await verifier.verify(token)), "token-expired");
  });

  it("last as long as the skew lets them", async () => {
    await start({ clockSkewMs: 30_000 });
    const token = await issuer.token();
    await verifier.verify(token);
    clock.advance(hour + 29_999);
    assert.ok(!(verifier.verify(token) instanceof Promise));
    clock.advance(1);
    assert.equal(reasonOf(await verifier.verify(token)), "token-expired");
  });

  it("are checked once for many requests at the same time", async () => {
    await start();
    const token = await issuer.token();
    const verdicts = Array.from({ length: 5 }, () => verifier.verifyBound(token));
    assert.equal(new Set(verdicts).size, 1);
    assert.equal(reasonOf(await (verdicts[0] as Promise<TokenVerdict>)), "accepted");
  });

  it("are frozen all the way down, for all requests share them", async () => {
    await start();
    const verdict = await verifier.verify(await issuer.token({ groups: ["a"], deep: { list: [{ x: 1 }] } }));
    assert.ok(verdict.ok);
    const { principal, claims } = verdict;
    const deep = claims["deep"] as { list: object[] };
    for (const part of [verdict, principal, principal.groups, claims, deep, deep.list, deep.list[0]]) {
      assert.ok(Object.isFrozen(part));
    }
  });

  it("do not outlive their key", async () => {
    await start();
    const token = await issuer.token();
    await verifier.verify(token);
    issuer.keys = [await makeKey("second")];
    clock.advance(5 * minute);
    // Somebody brings a token of the new key, so the keys are fetched again.
    assert.equal(reasonOf(await verifier.verify(await issuer.token())), "accepted");
    assert.equal(reasonOf(await verifier.verify(token)), "token-key-unknown");
  });

  it("are forgotten when their provider changes or goes, and kept when a reload changes nothing", async () => {
    await start();
    const token = await issuer.token();
    const verdict = await verifier.verify(token);
    verifier.update([providerOf(issuer.issuer, { at: { file: "sallyport.yaml", line: 9, column: 1 } })]);
    assert.equal(verifier.verify(token), verdict);
    verifier.update([providerOf(issuer.issuer, { audiences: ["api://other"] })]);
    assert.equal(reasonOf(await verifier.verify(token)), "token-audience-not-allowed");
    verifier.update([]);
    assert.equal(reasonOf(await verifier.verify(token)), "token-issuer-unknown");
  });

  it("a spray of 20,000 bad tokens neither grows memory without bound nor pushes a good one out", async () => {
    await start();
    const token = await issuer.token();
    const verdict = await verifier.verify(token);
    const header = { alg: "ES256", kid: "first", typ: "at+jwt" };
    for (let round = 0; round < 100; round += 1) {
      const spray = Array.from({ length: 200 }, (_, at) =>
        verifier.verify(joined(header, issuer.claims({ jti: `${round}-${at}` }), "A".repeat(86))),
      );
      for (const bad of await Promise.all(spray)) assert.equal(reasonOf(bad), "token-signature-invalid");
    }
    assert.equal(verifier.remembered, 1);
    assert.ok(verifier.rememberedRefusals > 0 && verifier.rememberedRefusals <= refusedBounds.entries);
    assert.equal(verifier.verify(token), verdict);
    assert.equal(issuer.keySetFetches, 1);
  });

  it("are bounded themselves", async () => {
    await start();
    for (let at = 0; at < 500; at += 1) await verifier.verify(await issuer.token({ jti: String(at) }));
    assert.ok(verifier.remembered <= 200);
  });

  it("refusals are remembered for moments only", async () => {
    await start();
    const token = await issuer.token({ aud: "api://other" });
    await verifier.verify(token);
    assert.equal(reasonOf(verifier.verify(token) as TokenVerdict), "token-audience-not-allowed");
    clock.advance(10_000);
    assert.ok(verifier.verify(token) instanceof Promise);
  });
});

describe("keys", () => {
  it("of several names are good at once, and a new one is found by its first token", async () => {
    await start();
    const old = await issuer.token();
    const second = await issuer.addKey("second");
    const fresh = await issuer.signed(JSON.stringify(issuer.claims()), {}, second);
    assert.equal(reasonOf(await verifier.verify(fresh)), "accepted");
    assert.equal(reasonOf(await verifier.verify(old)), "accepted");
    assert.equal(issuer.keySetFetches, 2);
  });

  it("invented names cause one fetch in five minutes, however many there are", async () => {
    await start();
    const storm = async (): Promise<void> => {
      const tokens = Array.from({ length: 300 }, (_, at) =>
        joined({ alg: "ES256", kid: `invented-${at}` }, issuer.claims(), "AAAA"),
      );
      const verdicts = await Promise.all(tokens.map((token) => verifier.verify(token)));
      for (const verdict of verdicts) assert.equal(reasonOf(verdict), "token-key-unknown");
    };
    await storm();
    await storm();
    assert.equal(issuer.keySetFetches, 2);
    clock.advance(5 * minute);
    await storm();
    assert.equal(issuer.keySetFetches, 3);
  });

  it("are fetched again each hour", async () => {
    await start();
    clock.advance(hour - 1);
    await verifier.verify(await issuer.token());
    assert.equal(issuer.keySetFetches, 1);
    clock.advance(1);
    assert.equal(reasonOf(await verifier.verify(await issuer.token())), "accepted");
    assert.equal(issuer.keySetFetches, 2);
  });

  it("stay in use while the provider is down, but not longer than allowed", async () => {
    await start({ staleKeysMs: 2 * hour });
    issuer.down = true;
    clock.advance(3 * hour - 1);
    const remembered = await issuer.token();
    assert.equal(reasonOf(await verifier.verify(remembered)), "accepted");
    clock.advance(1);
    assert.equal(reasonOf(await verifier.verify(await issuer.token({ jti: "new" }))), "provider-unavailable");
    assert.equal(reasonOf(await verifier.verify(remembered)), "provider-unavailable");
    issuer.down = false;
    clock.advance(5 * minute);
    assert.equal(reasonOf(await verifier.verify(await issuer.token())), "accepted");
  });

  it("that nobody could fetch for a day and an hour are too old by default", async () => {
    await start();
    issuer.down = true;
    clock.advance(25 * hour - 1);
    assert.equal(reasonOf(await verifier.verify(await issuer.token({ jti: "a" }))), "accepted");
    clock.advance(1);
    assert.equal(reasonOf(await verifier.verify(await issuer.token({ jti: "b" }))), "provider-unavailable");
  });

  it("that were never fetched make the provider unavailable, with one attempt in five minutes", async () => {
    issuer.down = true;
    await start();
    const token = await issuer.token();
    for (let at = 0; at < 20; at += 1) assert.equal(reasonOf(await verifier.verify(token)), "provider-unavailable");
    // One at the start, one for the first request.
    assert.equal(issuer.requests.length, 2);
    issuer.down = false;
    clock.advance(5 * minute);
    assert.equal(reasonOf(await verifier.verify(token)), "accepted");
  });

  it("are waited for by requests that come before them", async () => {
    const providers = [providerOf(issuer.issuer)];
    verifier = createTokenVerifier({ providers, egress: issuer, clock, log });
    assert.equal(reasonOf(await verifier.verify(await issuer.token())), "accepted");
    assert.equal(issuer.keySetFetches, 1);
  });

  it("that are all withdrawn leave nobody in", async () => {
    await start();
    const token = await issuer.token();
    await verifier.verify(token);
    issuer.keySetText = '{"keys":[]}';
    clock.advance(5 * minute);
    await verifier.verify(joined({ alg: "ES256", kid: "other" }, issuer.claims(), "AAAA"));
    assert.equal(reasonOf(await verifier.verify(token)), "token-key-unknown");
  });
});

describe("a provider's documents", () => {
  const unusable: Readonly<Record<string, () => void>> = {
    "another issuer": () => (issuer.discovery = { issuer: `${issuer.issuer}/` }),
    "clear text": () => (issuer.discovery = { jwks_uri: "http://login.example.com/keys" }),
    "no key set": () => (issuer.discovery = { jwks_uri: undefined }),
    "credentials in the address": () => (issuer.discovery = { jwks_uri: "https://a:b@login.example.com/keys" }),
    "malformed keys": () => (issuer.keySetText = '{"keys":{}}'),
    "names twice": () => (issuer.keySetText = '{"keys":[],"keys":[]}'),
    "a secret": () => (issuer.keySetText = JSON.stringify({ keys: [{ kty: "oct", k: "A".repeat(43) }] })),
    "too much": () => (issuer.keySetText = `{"keys":[]}${" ".repeat(256 * 1024)}`),
  };
  for (const [name, spoil] of Object.entries(unusable)) {
    it(`are not used: ${name}`, async () => {
      spoil();
      await start();
      assert.equal(reasonOf(await verifier.verify(await issuer.token())), "provider-unavailable");
      assert.ok(log.lines.some(({ level }) => level === "warn"));
    });
  }

  it("are fetched as declared from the issuer's origin only", async () => {
    await start();
    assert.deepEqual(
      issuer.requests.map(({ declared }) => declared),
      [true, true],
    );
    verifier.close();
    issuer.requests.length = 0;
    issuer.discovery = { jwks_uri: "https://keys.elsewhere.example/keys" };
    await start();
    assert.deepEqual(
      issuer.requests.map(({ declared }) => declared),
      [true, false],
    );
  });
});

describe("algorithms of the definition", () => {
  it("narrow what the keys allow, and never admit HMAC", async () => {
    await start({ algorithms: ["RS256", "HS256"] });
    assert.equal(reasonOf(await verifier.verify(await issuer.token())), "token-algorithm-not-allowed");
    const token = joined({ alg: "HS256", kid: "first" }, issuer.claims(), "AAAA");
    assert.equal(reasonOf(await verifier.verify(token)), "token-algorithm-not-allowed");
  });
});

it("a provider whose tokens must be bound takes no other ones", async () => {
  await start({ dpop: "required" });
  assert.equal(reasonOf(await verifier.verifyBound(await issuer.token())), "token-not-bound");
  assert.equal(
    reasonOf(await verifier.verifyBound(await issuer.token({ cnf: { "x5t#S256": "A".repeat(43) } }))),
    "token-not-bound",
  );
  assert.equal(reasonOf(await verifier.verifyBound(await issuer.token({ cnf: { jkt: "A".repeat(43) } }))), "accepted");
});

it("too many groups are noted once, without anything of the token", async () => {
  await start();
  for (const jti of ["a", "b"]) {
    const claims = {
      jti,
      groups: ["left"],
      _claim_names: { groups: "src1" },
      _claim_sources: { src1: { endpoint: "https://x" } },
    };
    const verdict = await verifier.verify(await issuer.token(claims));
    assert.ok(verdict.ok);
    assert.deepEqual(verdict.principal.groups, []);
  }
  const notes = log.lines.filter(({ message }) => message.includes("groups"));
  assert.equal(notes.length, 1);
  assert.doesNotMatch(JSON.stringify(log.lines), /https:\/\/x/);
});
