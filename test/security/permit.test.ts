import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ClientStream } from "#model/body.ts";
import type { Backend } from "#model/definition.ts";
import { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { createPermitAuthority, type Permit } from "#model/permit.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { createForwarder, type Forwarder } from "#upstream/forward.ts";
import { root } from "#test/support/require.ts";
import { startStrictOrigin, type StrictOrigin } from "./strict-origin.ts";

const clock = { now: () => Date.now(), mono: () => performance.now() };
const authority = createPermitAuthority();
const silent: ClientStream = {
  informational: () => {},
  head: () => {},
  switchProtocols: () => assert.fail(),
  write: () => true,
  end: () => {},
  abort: () => {},
  listener: null,
  closeAfter: () => {},
  headSent: false,
};

function exchange(path: string): Exchange {
  const made = new Exchange(
    {
      id: "0",
      startedAt: 0,
      startedMono: 0,
      protocol: "HTTP/1.1",
      scheme: "http",
      method: "GET",
      host: "localhost",
      authority: "localhost",
      target: path,
      path,
      query: "",
      headers: new HeaderList(),
      body: null,
      peerAddress: "127.0.0.1",
      clientAddress: "127.0.0.1",
      peerTrusted: false,
      upgrade: null,
      tls: null,
    },
    silent,
  );
  made.request.backend = 0;
  return made;
}

function backendAt(url: string): Backend {
  const limits = { connectTimeoutMs: 1000, idleTimeoutMs: 1000, maxConnections: 4, maxWaiting: 4 };
  return {
    name: "up",
    targets: [{ url, weight: 1, priority: 1 }],
    balance: { policy: "first", choices: 2, name: "" },
    sticky: null,
    discover: null,
    retries: null,
    passiveHealth: null,
    circuitBreaker: null,
    outliers: null,
    slowStartMs: 0,
    maxActive: 1_000_000,
    ...limits,
    protocol: "http/1.1",
    host: "preserve",
    ca: null,
    tls: null,
    proxyProtocol: null,
    credentials: null,
    health: null,
    at: place,
  };
}
const place = { file: "sallyport.yaml", line: 1, column: 1 };

/** Nothing reaches an upstream without a permit that was minted for this exchange and this principal. */
describe("permit, through the real forwarder", () => {
  let origin: StrictOrigin;
  let forwarder: Forwarder;

  before(async () => {
    origin = await startStrictOrigin();
    forwarder = createForwarder({
      check: authority.check,
      clock,
      ownAddresses: [],
      backends: [backendAt(origin.url)],
      egress: { allow: [] },
    });
  });
  after(async () => {
    forwarder.close();
    await origin.close();
  });

  const own = (): { target: Exchange; permit: Permit } => {
    const target = exchange("/mine");
    return { target, permit: authority.mint(target, target.principal) };
  };

  const forgeries: readonly (readonly [string, (real: Permit, target: Exchange) => unknown])[] = [
    ["nothing", () => undefined],
    ["null", () => null],
    ["true", () => true],
    ["an object of the same shape", () => ({ brand: "Permit" })],
    ["a copy by spread", (real) => ({ ...real })],
    ["a structured clone", (real) => structuredClone(real)],
    ["an object with its prototype", (real) => Object.create(Object.getPrototypeOf(real) as object)],
    ["an object that has it as prototype", (real) => Object.create(real)],
    ["an assignment to its prototype", (real) => Object.setPrototypeOf({}, Object.getPrototypeOf(real) as object)],
    ["a proxy of it", (real) => new Proxy(real, {})],
    ["one of another authority", (_real, target) => createPermitAuthority().mint(target, target.principal)],
  ];
  for (const [name, forge] of forgeries) {
    it(`refuses ${name}, and sends nothing`, async () => {
      const seen = origin.requests.length;
      const { target, permit } = own();
      await assert.rejects(forwarder.forward(target, forge(permit, target) as Permit), { code: "permit-forged" });
      assert.equal(origin.requests.length, seen);
    });
  }

  it("refuses a permit's own constructor", () => {
    const { permit } = own();
    assert.equal((permit as unknown as { constructor: unknown }).constructor, undefined);
  });

  it("refuses a real permit for another exchange, and for another principal of its own", async () => {
    const seen = origin.requests.length;
    const { target, permit } = own();
    await assert.rejects(forwarder.forward(exchange("/mine"), permit), { code: "permit-mismatch" });
    target.principal = { ...anonymous, kind: "user", subject: "root" } as Principal;
    await assert.rejects(forwarder.forward(target, permit), { code: "permit-mismatch" });
    assert.equal(origin.requests.length, seen);
  });

  it("takes the real one", async () => {
    const { target, permit } = own();
    assert.equal((await forwarder.forward(target, permit)).status, 200);
    assert.equal(origin.requests.at(-1)?.target, "/mine");
  });
});

/** What the types promise, the text must keep: one authority a worker, minting in one place, before forwarding. */
describe("permit, in the source", () => {
  const files = globSync("src/**/*.ts", { cwd: root }).filter(
    (file) => !/\.test(-helper)?\.ts$|\/testing\//.test(file),
  );
  const holding = (pattern: RegExp): string[] =>
    files.filter((file) => pattern.test(readFileSync(join(root, file), "utf8"))).toSorted();

  it("is minted by one step and nowhere else", () => {
    assert.ok(files.length > 200, "the scan found the source");
    assert.deepEqual(holding(/\bmint\(/), ["src/pipeline/steps/backend.ts"]);
    assert.deepEqual(holding(/\bmint\b/), [
      "src/app/data-plane/worker-runtime.ts",
      // The workbench puts the table together anew, and has nothing to forward with.
      "src/app/workbench/run.ts",
      "src/model/permit.ts",
      "src/pipeline/handles.ts",
      "src/pipeline/steps/backend.ts",
    ]);
    const step = readFileSync(join(root, "src/pipeline/steps/backend.ts"), "utf8");
    assert.equal(step.match(/\bmint\(/g)?.length, 1);
  });

  it("has one authority, and nobody casts to it", () => {
    assert.deepEqual(holding(/createPermitAuthority\(\)(?!:)/), [
      "src/app/data-plane/worker-runtime.ts",
      "src/app/workbench/run.ts",
    ]);
    assert.deepEqual(holding(/\bas (?:unknown as |never as )?Permit\b|<Permit>/), []);
    assert.deepEqual(holding(/brand[:=]\s*"Permit"|brand = "Permit"/), ["src/model/permit.ts"]);
  });

  it("stands behind every step that decides", () => {
    const table = readFileSync(join(root, "src/pipeline/table.ts"), "utf8");
    const order = [...table.matchAll(/step: "(\w+)"/g)].map(([, step]) => step);
    const forward = order.indexOf("forward");
    for (const step of ["route", "authenticate", "subscribe", "access", "inbound"]) {
      assert.ok(order.indexOf(step) >= 0 && order.indexOf(step) < forward, step);
    }
  });
});
