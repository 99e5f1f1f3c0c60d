import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exchange } from "#upstream/forwarding.test-helper.ts";
import { balancer, candidates, picks, seeded, tally, type TestCandidate } from "./balance.test-helper.ts";

const any = exchange();
const same = (): typeof any => any;

/** Of `count` draws with this chance, a true balancer is within five standard deviations. */
function assertShare(found: number | undefined, count: number, chance: number, what: string): void {
  const spread = 5 * Math.sqrt(count * chance * (1 - chance));
  assert.ok(Math.abs((found ?? 0) - count * chance) <= spread, `${what}: ${found} of ${count}, due ${count * chance}`);
}

describe("round-robin", () => {
  it("takes each in turn, and passes over those that are missing", () => {
    const all = candidates(1, 1, 1);
    const balance = balancer("round-robin");
    assert.equal(picks(balance, all, 4, same).join(""), "abca");
    assert.equal(picks(balance, [all[0], all[2]] as TestCandidate[], 3, same).join(""), "cac");
    assert.equal(picks(balance, all, 2, same).join(""), "ab");
  });
});

describe("weighted-round-robin", () => {
  it("spreads turns by weight, never in a row what could stand apart", () => {
    assert.equal(picks(balancer("weighted-round-robin"), candidates(5, 1, 1), 7, same).join(""), "aabacaa");
  });

  it("gives each exactly its share of every full round, whatever the weights", () => {
    const random = seeded(7);
    for (let round = 0; round < 50; round += 1) {
      const weights = Array.from({ length: 2 + Math.floor(random() * 8) }, () => 1 + Math.floor(random() * 20));
      const all = candidates(...weights);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const counts = tally(picks(balancer("weighted-round-robin"), all, total * 3, same));
      for (const { name, weight } of all) assert.equal(counts[name], weight * 3, `${weights}: ${name}`);
    }
  });
});

describe("random", () => {
  it("gives each its share", () => {
    const count = 20_000;
    const counts = tally(picks(balancer("random"), candidates(1, 2, 5), count, same));
    for (const [name, weight] of Object.entries({ a: 1, b: 2, c: 5 })) {
      assertShare(counts[name], count, weight / 8, name);
    }
  });
});

describe("random-choose", () => {
  it("never takes the busiest, and each pair alike", () => {
    const all = candidates(1, 1, 1, 1);
    for (const [at, one] of all.entries()) one.active = at;
    const count = 12_000;
    const counts = tally(picks(balancer("random-choose"), all, count, same));
    // Of six pairs, a is the less busy in three, b in two, c in one.
    assertShare(counts["a"], count, 3 / 6, "a");
    assertShare(counts["b"], count, 2 / 6, "b");
    assertShare(counts["c"], count, 1 / 6, "c");
    assert.equal(counts["d"], undefined);
  });
});

describe("least-conn", () => {
  it("takes the least busy for its weight", () => {
    const all = candidates(1, 4);
    const counts = { a: 0, b: 0 };
    for (let nth = 0; nth < 100; nth += 1) {
      const chosen = all[balancer("least-conn", seeded(nth + 1))(all, any)] as TestCandidate;
      chosen.active += 1;
      counts[chosen.name as "a" | "b"] += 1;
    }
    assert.deepEqual(counts, { a: 20, b: 80 });
  });

  it("takes any of those that are equally busy", () => {
    const counts = tally(picks(balancer("least-conn"), candidates(1, 1, 1), 9000, same));
    for (const name of ["a", "b", "c"]) assertShare(counts[name], 9000, 1 / 3, name);
  });
});

describe("first", () => {
  it("takes the first that is there", () => {
    assert.equal(picks(balancer("first"), candidates(1, 9), 3, same).join(""), "aaa");
  });
});

describe("a hashing policy", () => {
  const byHeader = balancer("header", seeded(1), "x-tenant");
  const tenant = (nth: number): typeof any => exchange({ headers: ["X-Tenant", `tenant-${nth}`] });

  it("gives each its share of the keys, by weight", () => {
    const count = 12_000;
    const counts = tally(picks(byHeader, candidates(1, 1, 4), count, tenant));
    for (const [name, weight] of Object.entries({ a: 1, b: 1, c: 4 })) {
      assertShare(counts[name], count, weight / 6, name);
    }
  });

  it("moves only the keys of a target that leaves, whichever it is, and brings them back", () => {
    const random = seeded(3);
    for (let round = 0; round < 10; round += 1) {
      const all = candidates(
        ...Array.from({ length: 2 + Math.floor(random() * 10) }, () => 1 + Math.floor(random() * 5)),
      );
      const gone = all[Math.floor(random() * all.length)] as TestCandidate;
      const before = picks(byHeader, all, 2000, tenant);
      const without = picks(
        byHeader,
        all.filter((one) => one !== gone),
        2000,
        tenant,
      );
      for (const [nth, name] of before.entries()) if (name !== gone.name) assert.equal(without[nth], name);
      assert.deepEqual(picks(byHeader, all.toReversed(), 2000, tenant), before);
    }
  });

  it("chooses at random for requests without the key", () => {
    const counts = tally(picks(byHeader, candidates(1, 1), 4000, same));
    assertShare(counts["a"], 4000, 1 / 2, "a");
  });
});

describe("what is hashed", () => {
  const all = candidates(1, 1, 1, 1, 1, 1, 1, 1);
  const of = (policy: Parameters<typeof balancer>[0], made: typeof any, name = ""): string =>
    picks(balancer(policy, seeded(1), name), all, 1, () => made)[0] as string;
  const peers = (peerAddress: string, clientAddress: string): typeof any => {
    const made = exchange();
    Object.assign(made.facts, { peerAddress, clientAddress });
    return made;
  };
  const spread = (policy: Parameters<typeof balancer>[0], make: (nth: number) => typeof any, name = ""): number =>
    new Set(Array.from({ length: 200 }, (_, nth) => of(policy, make(nth), name))).size;

  it("ip-hash: the peer alone; client-ip-hash: the client alone", () => {
    assert.equal(
      spread("ip-hash", (nth) => peers("192.0.2.1", `198.51.100.${nth}`)),
      1,
    );
    assert.equal(
      spread("ip-hash", (nth) => peers(`192.0.2.${nth}`, "198.51.100.1")),
      8,
    );
    assert.equal(
      spread("client-ip-hash", (nth) => peers(`192.0.2.${nth}`, "198.51.100.1")),
      1,
    );
    assert.equal(
      spread("client-ip-hash", (nth) => peers("192.0.2.1", `198.51.100.${nth}`)),
      8,
    );
  });

  it("uri-hash: path and query", () => {
    assert.equal(
      spread("uri-hash", () => exchange({ path: "/a", query: "b=1" })),
      1,
    );
    assert.equal(
      spread("uri-hash", (nth) => exchange({ path: "/a", query: `b=${nth}` })),
      8,
    );
    assert.equal(
      spread("uri-hash", (nth) => exchange({ path: `/a${nth}` })),
      8,
    );
  });

  it("query: the first value of one parameter of exactly that name", () => {
    assert.equal(
      spread("query", (nth) => exchange({ query: `xid=${nth}&id=7&id=${nth}&y=${nth}` }), "id"),
      1,
    );
    assert.equal(
      spread("query", (nth) => exchange({ query: `a=1&id=${nth}` }), "id"),
      8,
    );
  });

  it("cookie: the value of one cookie of exactly that name", () => {
    const cookie = (text: string): typeof any => exchange({ headers: ["Cookie", text] });
    assert.equal(
      spread("cookie", (nth) => cookie(`xsid=${nth}; sid=abc; t=${nth}`), "sid"),
      1,
    );
    assert.equal(
      spread("cookie", (nth) => cookie(`a=1;sid=${nth}`), "sid"),
      8,
    );
    assert.equal(
      spread("cookie", (nth) => exchange({ headers: ["cookie", "a=1", "COOKIE", `sid=${nth}`] }), "sid"),
      8,
    );
  });
});
