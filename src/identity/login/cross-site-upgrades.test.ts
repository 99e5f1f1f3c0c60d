import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { crossSiteDoubt } from "./cross-site.ts";

/** A GET as a proxy asks about it: what only the proxy's own connection had is gone. */
const doubtOf = (headers: Readonly<Record<string, string>>): string | null =>
  crossSiteDoubt({
    method: "GET",
    upgrade: null,
    scheme: "https",
    authority: "app.test",
    headers: new HeaderList(Object.entries(headers).flat()),
  } as RequestFacts);

const handshakes: readonly Readonly<Record<string, string>>[] = [
  { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" },
  { "Sec-Fetch-Mode": "websocket" },
  { "X-Forwarded-Proto": "wss" },
  { "X-Forwarded-Proto": "ws" },
];

describe("a WebSocket that a proxy asks about", () => {
  it("must come from this very origin", () => {
    for (const handshake of handshakes) {
      assert.match(String(doubtOf({ ...handshake, Origin: "https://evil.test" })), /^Origin/);
      assert.match(String(doubtOf({ ...handshake, "Sec-Fetch-Site": "same-site" })), /^Sec-Fetch-Site/);
      assert.match(String(doubtOf(handshake)), /^neither/);
      assert.equal(doubtOf({ ...handshake, Origin: "https://app.test" }), null);
    }
  });

  it("is no ordinary page", () => {
    assert.equal(
      doubtOf({ "X-Forwarded-Proto": "https", "Sec-Fetch-Mode": "navigate", Origin: "https://evil.test" }),
      null,
    );
  });
});
