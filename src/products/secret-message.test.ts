import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { secretMail, secretPayload } from "./secret-message.ts";

describe("what is told of a secret with a schedule", () => {
  it("is its name and what became of it", () => {
    const due = { event: "secret.due", details: { entry: "orders-key", due: "2026-12-01T00:00:00.000Z" } } as const;
    assert.deepEqual(secretPayload(due, 0), {
      type: "secret.due",
      timestamp: "1970-01-01T00:00:00.000Z",
      data: { secret: "orders-key", due: "2026-12-01T00:00:00.000Z" },
    });
    assert.equal(secretMail(due)?.subject, "Secret due: orders-key");
    assert.match(secretMail(due)?.text ?? "", /^The secret orders-key is due for a new one on 2026-12-01T/);
  });

  it("says why one could not be changed, and how long the one before goes on", () => {
    const failed = { entry: "k", step: "try", why: "https://a.example answers 403" };
    assert.match(
      secretMail({ event: "secret.rotation-failed", details: failed })?.text ?? "",
      /^The secret k could not be changed \(try\): https:\/\/a\.example answers 403\.\nThe one in use goes on/,
    );
    const rotated = { event: "secret.rotated", details: { entry: "k", until: "2026-12-08T00:00:00.000Z" } } as const;
    assert.match(secretMail(rotated)?.text ?? "", /The one before goes on until 2026-12-08T/);
    assert.doesNotMatch(secretMail({ event: "secret.rotated", details: { entry: "k" } })?.text ?? "", /before/);
  });

  it("is nothing by mail of other events", () => {
    assert.equal(secretMail({ event: "certificate.revoked", details: { entry: "k" } }), null);
  });
});
