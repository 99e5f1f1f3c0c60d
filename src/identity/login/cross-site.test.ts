import assert from "node:assert/strict";
import { it } from "node:test";
import type { RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { crossSiteDoubt } from "./cross-site.ts";

it("goes by what the client speaks to a proxy that is believed, and to no other", () => {
  const doubt = (peerTrusted: boolean, ...headers: readonly string[]): string | null =>
    crossSiteDoubt({
      method: "POST",
      upgrade: null,
      scheme: "http",
      authority: "app.example.com",
      peerTrusted,
      headers: new HeaderList([...headers, "X-Forwarded-Proto", "https"]),
    } as unknown as RequestFacts);
  assert.equal(doubt(true, "Origin", "https://app.example.com"), null);
  assert.equal(doubt(true, "Origin", "http://app.example.com"), "Origin: http://app.example.com");
  assert.equal(doubt(false, "Origin", "https://app.example.com"), "Origin: https://app.example.com");
  assert.equal(doubt(false, "Origin", "http://app.example.com"), null);
});
