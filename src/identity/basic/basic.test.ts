import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import type { BasicUser, BasicUsers } from "#model/basic-users.ts";
import { GuessingBrake } from "./brake.ts";
import { basicCredentials } from "./credentials.ts";
import { PasswordChecks, type PasswordVerdict } from "./password-checks.ts";

const encode = (text: string): string => Buffer.from(text).toString("base64");

describe("Authorization: Basic", () => {
  it("holds a user and a password in UTF-8", () => {
    assert.deepEqual(basicCredentials(`basic ${encode("test:123£:x")}`), { user: "test", password: "123£:x" });
    assert.deepEqual(basicCredentials(`Basic ${encode(":")}`), { user: "", password: "" });
    assert.equal(basicCredentials("Bearer x"), undefined);
    assert.equal(basicCredentials("Basically x"), undefined);
  });

  for (const [what, text] of Object.entries({
    nothing: "Basic",
    "no base64": "Basic !!!",
    "spaces within": `Basic ${encode("a:b")} x`,
    "bits left over": "Basic YTpiZB==",
    "base64 of URLs": `Basic ${Buffer.from("a:\u00ff\u00ff\u00ff").toString("base64url")}_`,
    "no colon": `Basic ${encode("ab")}`,
    "no UTF-8": `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString("base64")}`,
    "a line end": `Basic ${encode("a:b\n")}`,
    "more than anybody types": `Basic ${encode(`a:${"x".repeat(2000)}`)}`,
  })) {
    it(`is not read: ${what}`, () => assert.equal(basicCredentials(text), null));
  }
});

const user = (name: string, hash: string): BasicUser => ({ name, hash: { secret: true, value: hash }, groups: [] });
const cheap = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const dear = "$2a$14$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const staff: BasicUsers = { name: "staff", users: [user("ann", cheap), user("bob", dear)] };

/** Compares with what the test says; the brake counts without forgetting. */
function checking(right: (password: string, hash: string) => boolean): {
  readonly asked: (readonly [string, string])[];
  readonly check: (
    list: BasicUsers,
    user: string,
    password: string,
    address?: string | null,
  ) => Promise<PasswordVerdict>;
  now: number;
} {
  const asked: (readonly [string, string])[] = [];
  const counts = new Map<string, number>();
  const scene = { asked, now: 0 };
  const limiter = {
    take: (id: number, key: string, calls: number) => calls - (counts.get(`${id} ${key}`) ?? 0) || -1500,
    add: (id: number, key: string) => void counts.set(`${id} ${key}`, (counts.get(`${id} ${key}`) ?? 0) + 1),
  };
  const checks = new PasswordChecks({
    compare: (password, hash) => {
      asked.push([password, hash]);
      return Promise.resolve(right(password, hash));
    },
    brake: new GuessingBrake({ limiter, limiterId: (kind) => kind.length }),
    digest: (text) => createHash("sha256").update(text).digest(),
    clock: { now: () => scene.now, mono: () => scene.now },
  });
  const check = async (
    list: BasicUsers,
    name: string,
    password: string,
    address: string | null = "192.0.2.1",
  ): Promise<PasswordVerdict> => checks.check(list, { user: name, password }, address);
  return Object.assign(scene, { check });
}

describe("checks of passwords", () => {
  it("remember what was right for five minutes, under the hash that it was right for", async () => {
    const scene = checking((password) => password === "right");
    assert.equal((await scene.check(staff, "ann", "right")).ok, true);
    assert.equal((await scene.check(staff, "ann", "right")).ok, true);
    assert.equal(scene.asked.length, 1);
    scene.now = 300_001;
    await scene.check(staff, "ann", "right");
    assert.equal(scene.asked.length, 2);
    await scene.check({ ...staff, users: [user("ann", dear)] }, "ann", "right");
    assert.deepEqual(scene.asked.at(-1), ["right", dear]);
    await scene.check({ ...staff, name: "other" }, "ann", "right");
    assert.equal(scene.asked.length, 4);
  });

  it("compare for a user who is not there what is dearest, and say no whatever comes of it", async () => {
    const scene = checking(() => true);
    assert.deepEqual(await scene.check(staff, "eve", "right"), { ok: false, reason: "password-invalid" });
    assert.deepEqual(scene.asked, [["right", dear]]);
    assert.equal((await scene.check(staff, "eve", "right")).ok, false);
    assert.equal(scene.asked.length, 2, "nothing of it is remembered");
  });

  it("compare once for requests that come together", async () => {
    const scene = checking(() => true);
    const all = await Promise.all(Array.from({ length: 20 }, () => scene.check(staff, "ann", "right")));
    assert.ok(all.every(({ ok }) => ok));
    assert.equal(scene.asked.length, 1);
  });

  it("stop at ten failures of an address, of its whole network in IPv6, and do not keep out who is remembered", async () => {
    const scene = checking((password) => password === "right");
    await scene.check(staff, "ann", "right", "2001:db8::1");
    for (let count = 0; count < 10; count += 1) {
      assert.deepEqual(await scene.check(staff, "ann", `guess ${count}`, `2001:db8::${count}:1`), {
        ok: false,
        reason: "password-invalid",
      });
    }
    const braked = { ok: false, reason: "password-attempts-exceeded", waitMs: 1500 };
    assert.deepEqual(await scene.check(staff, "bob", "right", "2001:db8:0:0:ffff::1"), braked);
    assert.equal((await scene.check(staff, "ann", "right", "2001:db8::1")).ok, true);
    assert.equal((await scene.check(staff, "bob", "right", "2001:db8:1::1")).ok, true);
    assert.equal(scene.asked.length, 12);
    assert.equal((await scene.check(staff, "bob", "right", null)).ok, true, "what lasts is decided again all the same");
  });

  it("stop at a hundred failures for a user, from wherever they come", async () => {
    const scene = checking(() => false);
    for (let count = 0; count < 100; count += 1) await scene.check(staff, "ann", `guess ${count}`, `192.0.2.${count}`);
    const verdict = await scene.check(staff, "ann", "guess", "198.51.100.1");
    assert.deepEqual(verdict, { ok: false, reason: "password-attempts-exceeded", waitMs: 1500 });
    assert.equal(
      ((await scene.check(staff, "bob", "guess", "198.51.100.1")) as { reason?: string }).reason,
      "password-invalid",
    );
  });

  it("say so when they cannot compare, and do not count it against anybody", async () => {
    const scene = checking(() => {
      throw new GatewayError("transform-busy", 503, "too many wait");
    });
    for (let count = 0; count < 12; count += 1) {
      const verdict = await scene.check(staff, "ann", "right");
      assert.deepEqual(verdict, { ok: false, reason: "password-check-unavailable", detail: "too many wait" });
    }
  });
});
