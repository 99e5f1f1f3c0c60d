import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { plainFiles, type SecretFiles } from "#edge/secret-files.ts";
import type { ControlEvent } from "#model/control-events.ts";
import type { SecretMaker, SecretRotation } from "#model/secret-rotation.ts";
import { createClock } from "#threads/clock.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { SecretKeeper } from "./keeper.ts";

const hourMs = 3_600_000;
const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };

/** A program that makes and drops keys, and an upstream that knows which are good: both are real. */
describe("secrets that are changed by a schedule", () => {
  let folder: string;
  let upstream: Server;
  let url: string;
  /** Keys of API Management's subscription, as its stand-in has them. */
  let apim: { primaryKey: string; secondaryKey: string };
  let made = 0;
  let now = 0;
  let events: ControlEvent[];
  /** What the definition in force has. */
  let inForce = "";
  let reloadProblem: string | null = null;
  /** Keys that the upstream knows of and does not take. */
  const refused = new Set<string>();

  const file = (name: string): string => join(folder, name);
  const good = (): readonly string[] => readdirSync(file("good"));

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-secrets-"));
    upstream = createServer((request, response) => {
      const path = (request.url ?? "").split("?", 1)[0] ?? "";
      if (path.startsWith("/subscriptions/")) {
        if (request.headers.authorization !== "Bearer azure") return response.writeHead(401).end();
        made += 1;
        if (path.endsWith("/regeneratePrimaryKey")) apim.primaryKey = `apim-${made}`;
        else if (path.endsWith("/regenerateSecondaryKey")) apim.secondaryKey = `apim-${made}`;
        else return response.end(JSON.stringify(apim));
        return response.writeHead(204).end();
      }
      const key = request.headers["x-api-key"];
      const isKnown = typeof key === "string" && (good().includes(key) || Object.values(apim).includes(key));
      return response.writeHead(isKnown && !refused.has(key) ? 200 : 401).end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => upstream.once("listening", resolve));
    url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    writeFileSync(
      file("maker.mjs"),
      `import { readFileSync, rmSync, writeFileSync } from "node:fs";
const good = ${JSON.stringify(file("good"))};
if (process.env.SECRET_OF_THE_GATEWAY !== undefined) process.exit(9);
if (process.argv[2] === "make") {
  const key = "key-" + Math.random().toString(36).slice(2);
  writeFileSync(good + "/" + key, "");
  console.log(JSON.stringify({ value: key }));
} else rmSync(good + "/" + readFileSync(0, "utf8"));
`,
    );
    process.env["SECRET_OF_THE_GATEWAY"] = "x";
    command = { kind: "command", command: [process.execPath, file("maker.mjs")] };
  });
  after(() => {
    delete process.env["SECRET_OF_THE_GATEWAY"];
    upstream.close();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    for (const name of ["good", "states"]) rmSync(file(name), { recursive: true, force: true });
    for (const name of ["good", "states"]) mkdirSync(file(name));
    writeFileSync(join(file("good"), "key-first"), "");
    writeFileSync(file("orders.key"), "key-first\n");
    apim = { primaryKey: "apim-p", secondaryKey: "apim-s" };
    refused.clear();
    [inForce, events, now, reloadProblem] = ["key-first", [], Date.now(), null];
  });

  let command: SecretMaker;
  const management: SecretMaker = {
    kind: "api-management",
    endpoint: "",
    azureSubscription: "s",
    resourceGroup: "g",
    service: "apim",
    subscription: "gateway",
    clientId: "",
  };

  function rotationOf(by: SecretMaker | null): SecretRotation {
    return {
      name: "orders-key",
      current: { secret: true, origin: "file orders.key", value: inForce },
      file: "orders.key",
      rotation: { every: 100 * hourMs, grace: 10 * hourMs, notice: 20 * hourMs },
      by: by?.kind === "api-management" ? { ...by, endpoint: url } : by,
      trial: {
        method: "GET",
        url: `${url}/health`,
        place: { kind: "header", name: "X-Api-Key", prefix: "" },
        expect: [200],
        timeoutMs: 5000,
      },
      mailTo: [],
      at: { file: "", line: 1, column: 1 } as SecretRotation["at"],
    };
  }

  /** @param step called before everything that leaves a trace: what it throws is a crash there */
  function keeper(
    by: SecretMaker | null,
    step: () => void = () => {},
    names: readonly string[] = ["orders-key"],
    write: (path: string, text: string) => void = writeFileSync,
  ): SecretKeeper {
    const files = plainFiles(random);
    const traced: SecretFiles = {
      read: (path) => files.read(path),
      write: async (path, text) => {
        step();
        await files.write(path, text);
        step();
      },
    };
    return new SecretKeeper({
      folder: file("states"),
      files: traced,
      backend: () => undefined,
      rotations: () => names.map((name) => ({ ...rotationOf(by), name })),
      replace: async (name, secret) => {
        step();
        write(file(name), `${secret}\n`);
        step();
      },
      reload: async () => {
        if (reloadProblem !== null) return reloadProblem;
        inForce = readFileSync(file("orders.key"), "utf8").trim();
        return null;
      },
      egress: createEgress({ allow: [], ownAddresses: [], clock: createClock() }),
      token: async () => "azure",
      tell: () => {},
      events: { tell: (...told) => void events.push(...told) },
      clock: { now: () => now },
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
  }

  const told = (): readonly string[] =>
    events.map(({ event, details }) => `${event} ${String(details["step"] ?? "")}`.trim());

  async function looked(one: SecretKeeper): Promise<void> {
    await one.look();
    one.stop();
  }

  it("a new one is made when it is due, tried, used, and the one before is dropped behind its grace", async () => {
    await looked(keeper(command));
    now += 99 * hourMs;
    await looked(keeper(command));
    assert.deepEqual([told(), inForce], [[], "key-first"]);
    now += hourMs;
    await looked(keeper(command));
    assert.deepEqual(told(), ["secret.rotated"]);
    assert.notEqual(inForce, "key-first");
    assert.deepEqual(new Set(good()), new Set(["key-first", inForce]));
    now += 9 * hourMs;
    await looked(keeper(command));
    assert.equal(good().length, 2);
    now += hourMs;
    await looked(keeper(command));
    assert.deepEqual([told(), good()], [["secret.rotated", "secret.dropped"], [inForce]]);
  });

  it("one that the upstream does not take is not used, and tried again later each time", async () => {
    await looked(keeper(command));
    now += 100 * hourMs;
    const one = keeper(command, () => {
      for (const key of good()) if (key !== "key-first") rmSync(join(file("good"), key));
    });
    await looked(one);
    await looked(keeper(command));
    assert.deepEqual([told(), inForce], [["secret.rotation-failed try"], "key-first"]);
    assert.match(JSON.stringify(events), /answers 401 to the new secret, where 200 is due/);
    assert.doesNotMatch(JSON.stringify(events), /key-[a-z0-9]/);
    now += 61_000;
    await looked(keeper(command));
    assert.equal(told().length, 2);
    await looked(keeper(command));
    assert.equal(told().length, 2);
  });

  it("a program that fails leaves the one in use, and its words say why", async () => {
    const one = keeper({ kind: "command", command: ["/nowhere/at-all"] });
    await assert.rejects(one.rotate("orders-key", false), /\/nowhere\/at-all cannot be run/);
    one.stop();
    assert.deepEqual([told(), inForce], [["secret.rotation-failed make"], "key-first"]);
  });

  it("while the definition does not load, the one before is not dropped", async () => {
    await looked(keeper(command));
    now += 100 * hourMs;
    reloadProblem = "it has errors";
    await looked(keeper(command));
    assert.deepEqual([told(), inForce], [["secret.rotation-failed use"], "key-first"]);
    now += 50 * hourMs;
    await looked(keeper(command));
    assert.ok(good().includes("key-first"));
    reloadProblem = null;
    now += hourMs;
    await looked(keeper(command));
    assert.ok(told().includes("secret.rotated"));
    assert.ok(good().includes(inForce) && inForce !== "key-first");
  });

  it("in an emergency the one before is dropped as soon as the new one is in use", async () => {
    const one = keeper(command);
    const state = await one.rotate("orders-key", true);
    one.stop();
    assert.deepEqual([told(), good(), state?.oldUntil], [["secret.rotated", "secret.dropped"], [inForce], null]);
    assert.equal(await one.rotate("no-key", false), null);
  });

  it("a second one while the one before goes on is for emergencies alone", async () => {
    const one = keeper(command);
    assert.equal((await one.rotate("orders-key", false))?.oldUntil, now + 10 * hourMs);
    await assert.rejects(one.rotate("orders-key", false), /goes on until .*: wait for that, or take --emergency/);
    await one.rotate("orders-key", true);
    one.stop();
    assert.deepEqual(good(), [inForce]);
  });

  it("keys of API Management take turns, and an emergency ends the one before", async () => {
    [inForce] = ["apim-p"];
    writeFileSync(file("orders.key"), "apim-p\n");
    await looked(keeper(management));
    now += 100 * hourMs;
    await looked(keeper(management));
    assert.equal(inForce, apim.secondaryKey);
    assert.deepEqual([apim.primaryKey, told()], ["apim-p", ["secret.rotated"]]);
    const one = keeper(management);
    await one.rotate("orders-key", false);
    assert.equal(inForce, apim.primaryKey);
    const leaked = inForce;
    await one.rotate("orders-key", true);
    one.stop();
    assert.ok(inForce === apim.secondaryKey && ![apim.primaryKey, apim.secondaryKey].includes(leaked));
  });

  /** A new one that the upstream refuses, still waiting to be tried again. */
  async function withRefused(): Promise<string> {
    await looked(keeper(command));
    now += 100 * hourMs;
    const one = keeper(command, () => {
      for (const key of good()) if (key !== "key-first") refused.add(key);
    });
    await looked(one);
    assert.deepEqual(told(), ["secret.rotation-failed try"]);
    return good().find((key) => key !== "key-first") ?? assert.fail("none was made");
  }

  it("whoever asks again for one that was refused gets another, and the refused one is dropped", async () => {
    const bad = await withRefused();
    const one = keeper(command);
    await one.rotate("orders-key", false);
    one.stop();
    assert.deepEqual(told().slice(1), ["secret.dropped", "secret.rotated"]);
    assert.ok(inForce !== bad && inForce !== "key-first");
    assert.deepEqual(new Set(good()), new Set(["key-first", inForce]));
  });

  it("one that waits is dropped when somebody changes the secret by hand", async () => {
    const bad = await withRefused();
    writeFileSync(join(file("good"), "key-by-hand"), "");
    inForce = "key-by-hand";
    await looked(keeper(command));
    assert.deepEqual(told().slice(1), ["secret.rotated", "secret.dropped"]);
    assert.ok(!good().includes(bad) && good().includes(inForce));
  });

  it("the one before is dropped as well where somebody changes the secret meanwhile, unless it is that again", async () => {
    for (const next of ["key-by-hand", "key-first"]) {
      rmSync(file("states"), { recursive: true, force: true });
      writeFileSync(join(file("good"), "key-first"), "");
      writeFileSync(join(file("good"), "key-by-hand"), "");
      inForce = "key-first";
      const one = keeper(command);
      await one.rotate("orders-key", false);
      one.stop();
      inForce = next;
      for (const hours of [1, 10]) {
        now += hours * hourMs;
        await looked(keeper(command));
      }
      assert.equal(good().includes("key-first"), next === "key-first", next);
      assert.ok(good().includes(inForce));
    }
  });

  it("a damaged state keeps no other secret from being changed", async () => {
    await looked(keeper(command));
    now += 100 * hourMs;
    writeFileSync(join(file("states"), "damaged.json"), "{");
    await looked(keeper(command, () => {}, ["damaged", "orders-key"]));
    assert.deepEqual(told(), ["secret.rotated"]);
  });

  it("a file that cannot be written is named, and the one in use goes on", async () => {
    const one = keeper(
      command,
      () => {},
      ["orders-key"],
      () => {
        throw Object.assign(new Error("read-only"), { code: "EROFS" });
      },
    );
    await assert.rejects(one.rotate("orders-key", false), /orders\.key cannot be written \(EROFS\)/);
    one.stop();
    assert.deepEqual([told(), inForce], [["secret.rotation-failed use"], "key-first"]);
  });

  it("that nobody makes are told of, once a stage, and found changed by hand", async () => {
    await looked(keeper(null));
    for (const hours of [79, 1, 1, 19, 5]) {
      now += hours * hourMs;
      await looked(keeper(null));
    }
    assert.deepEqual(told(), ["secret.due", "secret.due"]);
    await assert.rejects(
      keeper(null).rotate("orders-key", false),
      /nothing makes a new orders-key: change it where it is/,
    );
    inForce = "key-by-hand";
    await looked(keeper(null));
    assert.deepEqual(events.at(-1)?.details, { entry: "orders-key", source: "by-hand" });
  });

  it("a crash at any moment goes on where it was, and never leaves a secret in use that is not good", async () => {
    let crashes = 0;
    for (let at = 0; ; at += 1) {
      rmSync(file("states"), { recursive: true, force: true });
      rmSync(file("good"), { recursive: true, force: true });
      mkdirSync(file("good"));
      writeFileSync(join(file("good"), "key-first"), "");
      writeFileSync(file("orders.key"), "key-first\n");
      inForce = "key-first";
      await looked(keeper(command));
      now += 100 * hourMs;
      let steps = 0;
      let crashed = false;
      const crashing = keeper(command, () => {
        if (crashed || steps === at) {
          crashed = true;
          throw new Error("crash");
        }
        steps += 1;
      });
      await crashing.look().catch(() => {});
      crashing.stop();
      // What serves after a restart is what the file holds.
      inForce = readFileSync(file("orders.key"), "utf8").trim();
      assert.ok(good().includes(inForce), `after a crash at ${at}`);
      for (const hours of [0, 1, 11]) {
        now += hours * hourMs;
        await looked(keeper(command));
        assert.ok(good().includes(inForce), `after a crash at ${at}, ${hours} hours later`);
      }
      assert.notEqual(inForce, "key-first", `after a crash at ${at}`);
      assert.ok(!good().includes("key-first"), `after a crash at ${at}`);
      if (!crashed) break;
      crashes += 1;
    }
    assert.ok(crashes >= 8, String(crashes));
  });
});
