import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LoginFailure } from "./login-failure.ts";
import { checkedUrl } from "./login-target.ts";

describe("an address that tokens go to", () => {
  it("is over TLS, or on this machine", () => {
    for (const [text, origin] of [
      ["https://api.example.com/x", "https://api.example.com"],
      ["api.example.com:8443", "https://api.example.com:8443"],
      ["http://localhost:8080", "http://localhost:8080"],
      ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
      ["http://[::1]:8080", "http://[::1]:8080"],
    ] as const) {
      assert.equal(checkedUrl(text, "a gateway").origin, origin);
    }
  });

  it("is nothing else", () => {
    for (const text of [
      "http://api.example.com",
      "http://localhost.example.com",
      "http://127.0.0.1.example.com",
      "https://ann:password@api.example.com",
      "ftp://localhost",
      "javascript://localhost/%0aalert(1)",
      "https://",
      "",
    ]) {
      assert.throws(() => checkedUrl(text, "a gateway"), LoginFailure, text);
    }
  });
});
