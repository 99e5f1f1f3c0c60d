import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createLocalJWKSet, jwtVerify } from "jose";
import { sealedFiles } from "#edge/secret-files.ts";
import { Assertions } from "#identity/assertions.ts";
import { ManualClock, KeptLog } from "#identity/testing/doubles.ts";
import type { AssertionKey, AssertionKeySet } from "#model/assertion.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { AssertionKeys } from "./assertion-keys.ts";
import { createSealer } from "./seal/sealer.ts";

const day = 86_400_000;
const random = { bytes: (count: number) => randomBytes(count) };
const sealer = createSealer([{ id: "00112233aabbccdd", key: randomBytes(32) }], random);
const ann: Principal = { ...anonymous, id: "i||ann", kind: "user", issuer: "i", subject: "ann" };
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "assertion-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const fileIn = (): string => join(folder, "assertion-keys.json");

function open(clock = new ManualClock()) {
  const published: (AssertionKey | null)[] = [];
  const secrets = sealedFiles(folder, sealer, random);
  const publish = (key: AssertionKey | null): void => void published.push(key);
  return {
    keys: new AssertionKeys({ folder, secrets, clock, log: new KeptLog(), publish, events: { tell: () => {} } }),
    published,
    clock,
  };
}

/** Knows a key set for as long as it may, and asks for no other because of a key that it does not know. */
class LazyVerifier {
  #known: AssertionKeySet = { keys: [], maxAgeSeconds: 0 };
  #until = 0;

  async verify(text: string, fetchKeys: () => AssertionKeySet, now: number): Promise<string | undefined> {
    if (now >= this.#until) {
      this.#known = fetchKeys();
      this.#until = now + this.#known.maxAgeSeconds * 1000;
    }
    const options = { issuer: "sallyport", audience: "orders", currentDate: new Date(now) };
    const keys = createLocalJWKSet({ keys: [...this.#known.keys] });
    return (await jwtVerify(text, keys, options)).protectedHeader.kid;
  }
}

const settings = { issuer: "sallyport", rotateMs: 2 * day };

describe("the keys of assertions", () => {
  it("are none until somebody asks, then one, sealed, which a restart finds again", async () => {
    const { keys, published } = open();
    await keys.use(null);
    assert.deepEqual([keys.current, keys.keySet.keys, published], [null, [], []]);
    await keys.use(settings);
    const { current } = keys;
    assert.ok(current !== null && published[0] === current);
    const [jwk] = keys.keySet.keys;
    assert.deepEqual(Object.keys(jwk ?? {}).toSorted(), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    assert.equal(jwk?.kid, current.id);
    const text = readFileSync(fileIn(), "latin1");
    assert.ok(!text.includes("pkcs8") && !text.includes(Buffer.from(current.pkcs8).toString("base64").slice(60, 100)));
    assert.equal(statSync(fileIn()).mode & 0o777, 0o600);
    keys.stop();
    const again = open();
    await again.keys.use(settings);
    assert.equal(again.keys.current?.id, current.id);
    again.keys.stop();
  });

  it("are replaced so that no verifier ever meets one that it does not know", async () => {
    const { keys, published, clock } = open();
    await keys.use(settings);
    const assertions = new Assertions({ clock, newId: () => "id" }, keys.current);
    const lazy = new LazyVerifier();
    const used = new Set<string | undefined>();
    let oldest: { readonly text: string; readonly at: number } | null = null;
    const step = 290_000;
    for (let times = 0; times < (9 * day) / step; times += 1) {
      await keys.look();
      if (published.at(-1) !== null) assertions.use(keys.current);
      const now = clock.now();
      const text = assertions.for(ann, "orders");
      used.add(await lazy.verify(text, () => keys.keySet, now));
      // Signed just before a key was replaced, shown just before it is over, to somebody who has only now fetched keys.
      if (oldest !== null) await new LazyVerifier().verify(oldest.text, () => keys.keySet, now);
      oldest = { text, at: now };
      assert.ok(keys.keySet.keys.length <= 3);
      clock.advance(step);
    }
    keys.stop();
    assert.equal(used.size, 5);
  });

  it("are replaced late after a long sleep, but never too soon", async () => {
    const { keys, clock } = open();
    await keys.use(settings);
    const first = keys.current?.id;
    clock.advance(30 * day);
    await keys.look();
    assert.deepEqual([keys.current?.id, keys.keySet.keys.length], [first, 2]);
    clock.advance(day);
    await keys.look();
    assert.equal(keys.current?.id, keys.keySet.keys[1]?.kid);
    keys.stop();
  });

  it("are not made anew where they cannot be opened", async () => {
    const { keys } = open();
    await keys.use(settings);
    keys.stop();
    const other = createSealer([{ id: "00112233aabbccdd", key: randomBytes(32) }], random);
    const secrets = sealedFiles(folder, other, random);
    const stranger = new AssertionKeys({
      events: { tell: () => {} },
      folder,
      secrets,
      clock: new ManualClock(),
      log: new KeptLog(),
      publish: () => {},
    });
    await assert.rejects(stranger.use(settings), { code: "seal-broken" });
    writeFileSync(fileIn(), "no JSON");
    await assert.rejects(open().keys.use(settings), { code: "store-corrupt" });
  });
});
