import assert from "node:assert/strict";
import { it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { challengeOf } from "./challenges.ts";

const exchange = { facts: { host: 'api.example.com"\r\n' } } as Exchange;
const schemes = (...dpop: ("optional" | "required" | undefined)[]): string[] =>
  challengeOf(dpop.map((one) => (one === undefined ? {} : { dpop: one })))(exchange, null)
    .filter((_, at) => at % 2 === 1)
    .map((value) => value.slice(0, value.indexOf(" ")));

it("nobody is told of the schemes that the providers take", () => {
  assert.deepEqual(schemes(), ["Bearer"]);
  assert.deepEqual(schemes(undefined), ["Bearer"]);
  assert.deepEqual(schemes("required"), ["DPoP"]);
  assert.deepEqual(schemes("optional"), ["Bearer", "DPoP"]);
  assert.deepEqual(schemes("required", undefined), ["Bearer", "DPoP"]);
});

it("a challenge says what was wrong with a credential that was sent, and nothing of the client's breaks out", () => {
  const [name, bearer, , dpop] = challengeOf([{ dpop: "optional" }])(exchange, "token-issuer-unknown");
  const said = 'realm="api.example.com", error="invalid_token", error_description="token-issuer-unknown"';
  assert.deepEqual([name, bearer], ["WWW-Authenticate", `Bearer ${said}`]);
  assert.match(dpop ?? "", /^DPoP realm="api.example.com", .*algs="[^"]*ES256[^"]*"$/);
});
