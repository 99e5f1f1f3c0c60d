import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { FileRoom } from "#content/file-room.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Handler } from "#model/handler.ts";
import { createPermitAuthority, type Permit } from "#model/permit.ts";
import { exchangeFor, fixedClock } from "#notation/cel/exchange.test-helper.ts";
import { createFastCgi } from "#upstream/fastcgi/fastcgi.ts";
import { createForwarder } from "#upstream/forward.ts";
import { type HandlerPorts, linkHandler, type LinkedHandler } from "./link-handlers.ts";

const authority = createPermitAuthority();
const at = { file: "sallyport.yaml", line: 1, column: 1 };
const none = { hide: [], precompressed: [], cacheControl: null };

/** One of each kind: a kind that is not here fails the type check. */
const handlers = (root: string): { readonly [K in Handler["kind"]]: Extract<Handler, { kind: K }> } => ({
  proxy: { kind: "proxy" },
  acme: { kind: "acme", server: "ca" },
  answer: {
    kind: "answer",
    policy: { name: "return-response", at, args: { status: { kind: "literal", value: 200 } } },
  },
  files: { kind: "files", root, index: [], tryFiles: [], notFound: null, ...none },
  fastcgi: {
    kind: "fastcgi",
    address: { path: join(root, "no.sock") },
    root,
    scriptRoot: root,
    index: "index.php",
    fallback: null,
    extensions: [".php"],
    env: {},
    connectTimeoutMs: 1000,
    maxConnections: 1,
    keep: 0,
    ...none,
  },
});

describe("every kind of handler", () => {
  const root = mkdtempSync(join(tmpdir(), "sallyport-handlers-"));
  const forwarder = createForwarder({
    check: authority.check,
    clock: fixedClock,
    ownAddresses: [],
    backends: [],
    egress: { allow: [] },
  });
  let linked: readonly (readonly [string, LinkedHandler])[];

  before(() => {
    writeFileSync(join(root, "a.txt"), "given");
    writeFileSync(join(root, "a.php"), "given");
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const ports: HandlerPorts = {
      check: authority.check,
      forward: forwarder,
      headersFor: ({ request }) => request.headers,
      files: new FileRoom(() => fixedClock.mono()),
      acme: async () => ({ status: 200, headers: [], body: "given" }),
      fastCgi: createFastCgi({ check: authority.check, clock: fixedClock, log }),
      policies: { clock: fixedClock } as HandlerPorts["policies"],
    };
    const all = Object.values(handlers(root));
    linked = all.map((handler) => [handler.kind, linkHandler(handler, ports)]);
  });
  after(() => {
    forwarder.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** What it gives for a permit: a response, or why not. */
  async function run(handler: LinkedHandler, exchange: Exchange, permit: Permit): Promise<string> {
    try {
      const outcome = await handler(exchange, permit);
      exchange.forwarding?.abort();
      if (exchange.response !== null) return "response";
      return outcome?.kind === "refusal" ? `${outcome.reason} ${outcome.detail ?? ""}` : "nothing";
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  }

  it("gives nothing for a permit that is forged, borrowed, or of another principal", async () => {
    for (const path of ["/a.txt", "/a.php"]) {
      for (const [kind, handler] of linked) {
        const exchange = exchangeFor([], { path });
        exchange.request.path = path;
        const other = authority.mint(exchangeFor(), exchange.principal);
        const renamed = authority.mint(exchange, { ...exchange.principal });
        for (const permit of [undefined, {}, { brand: "Permit" }, other, renamed]) {
          const given = await run(handler, exchange, permit as Permit);
          assert.match(given, /permit-(?:forged|mismatch)/, `${kind} ${path}`);
          assert.equal(exchange.response, null, kind);
        }
      }
    }
  });

  it("answers for the exchange's own", async () => {
    const given: Record<string, string> = {};
    for (const [kind, handler] of linked) {
      const exchange = exchangeFor([], { path: "/a.txt" });
      exchange.request.path = "/a.txt";
      given[kind] = await run(handler, exchange, authority.mint(exchange, exchange.principal));
    }
    const { proxy, ...rest } = given;
    assert.match(proxy ?? "", /upstream-unavailable/, "there is no backend");
    assert.deepEqual(rest, { acme: "response", answer: "response", files: "response", fastcgi: "response" });
  });
});
