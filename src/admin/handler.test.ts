import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { ControlEvent } from "#model/control-events.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import { anonymous } from "#model/principal.ts";
import { createCallHandler } from "./handler.ts";
import type { AdminPorts } from "./ports.ts";
import { listenOnSocket } from "./server.ts";

const log = { info: () => {}, warn: () => {}, error: () => {} };
const owner = { ...anonymous, id: "unix||0", authMethod: "unix-socket" } as const;

/** The real handler behind a real socket; its use case revokes, and its record does what a test says. */
async function serve(t: TestContext, record: (events: readonly ControlEvent[]) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-admin-"));
  const revoked: string[] = [];
  const recorded: Exchange[] = [];
  const revocations = {
    revoke: async ({ kind, id }: { readonly kind: string; readonly id: string }) => {
      revoked.push(id);
      return { kind, id, until: null, reason: "", revokedAt: 0 };
    },
  };
  const handler = createCallHandler({
    ports: { revocations } as unknown as AdminPorts,
    owner,
    hasRole: () => true,
    record: (exchange) => void recorded.push(exchange),
    events: { record: (...events) => record(events), tell: () => {} },
    canRecord: () => true,
    newId: () => "call-1",
    clock: { now: () => 0, mono: () => 0 },
    log,
  });
  const path = join(folder, "admin.sock");
  const listener = await listenOnSocket(
    path,
    { kind: "socket", scheme: "http", hosts: new Set(["localhost"]) },
    handler,
  );
  t.after(async () => {
    await listener.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const call = (): Promise<{ readonly status: number; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const headers = { host: "localhost", "content-type": "application/json" };
      request({ socketPath: path, method: "POST", path: "/revocations", headers }, (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      })
        .on("error", reject)
        .end('{"kind":"token","id":"jti-1"}');
    });
  return { call, revoked, recorded };
}

describe("a call that changes something", () => {
  it("is answered when its event is on the disk, which names who has made it", async (t) => {
    const durable = Promise.withResolvers<void>();
    let seen: readonly ControlEvent[] = [];
    const { call, revoked } = await serve(t, (events) => {
      seen = events;
      return durable.promise;
    });
    let isAnswered = false;
    const answer = call().finally(() => (isAnswered = true));
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual([revoked, isAnswered], [["jti-1"], false]);
    durable.resolve();
    assert.equal((await answer).status, 200);
    assert.partialDeepStrictEqual(seen, [{ event: "revocation.made", by: { id: "unix||0" }, request: "call-1" }]);
  });

  it("is not said to be done when that cannot be recorded", async (t) => {
    const { call, recorded } = await serve(t, () =>
      Promise.reject(new GatewayError("audit-unavailable", 503, "the audit record cannot be written")),
    );
    const { status, text } = await call();
    assert.equal(status, 503);
    assert.equal((JSON.parse(text) as { reason: string }).reason, "record-unavailable");
    assert.equal(recorded[0]?.refusal?.reason, "record-unavailable");
  });
});
