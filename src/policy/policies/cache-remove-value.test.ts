import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, MapCache, policy, portsWith, start } from "#policy/policy.test-helper.ts";

const entry = { meta: '"v"', body: new Uint8Array(), expiresAt: 1e15 };

async function removing(node: ReturnType<typeof policy>, cache: MapCache): Promise<readonly unknown[]> {
  cache.entries.set("ka", entry).set("kGET", entry);
  const outcome = await start([node], exchangeFor(), { ports: portsWith({ cache }) });
  return [outcome?.kind === "refusal" ? outcome.reason : undefined, ...cache.entries.keys()];
}

describe("cache-remove-value", () => {
  it("removes the value under its key, written or computed, and no other", async () => {
    assert.deepEqual(await removing(policyFromXml("backend", '<cache-remove-value key="a" />'), new MapCache()), [
      undefined,
      "kGET",
    ]);
    const computed = policy("cache-remove-value", { key: cel("request.method") });
    assert.deepEqual(await removing(computed, new MapCache()), [undefined, "ka"]);
  });

  it("takes a key that there is not for removed", async () => {
    assert.deepEqual(await removing(policy("cache-remove-value", { key: "b" }), new MapCache()), [
      undefined,
      "ka",
      "kGET",
    ]);
  });

  it("lets the request go on when the value is gone, and not before", async () => {
    const steps: string[] = [];
    const slow = Object.assign(new MapCache(), {
      remove: async (): Promise<void> => {
        await new Promise(setImmediate);
        steps.push("gone");
      },
    });
    await start([policy("cache-remove-value", { key: "a" })], exchangeFor(), { ports: portsWith({ cache: slow }) });
    steps.push("on");
    assert.deepEqual(steps, ["gone", "on"]);
  });

  it("fails the request where it is not certain that the value is gone", async () => {
    const failing = Object.assign(new MapCache(), { remove: () => Promise.reject(new Error("no answer")) });
    assert.deepEqual(await removing(policy("cache-remove-value", { key: "a" }), failing), [
      "policy-failed",
      "ka",
      "kGET",
    ]);
  });

  it("needs a key", () => {
    assert.match(problemsOfXml("on-error", "<cache-remove-value />").join(), /key/);
  });
});
