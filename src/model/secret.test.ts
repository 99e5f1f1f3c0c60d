import assert from "node:assert/strict";
import { it } from "node:test";
import { format, inspect } from "node:util";
import { Secret } from "./secret.ts";

it("no way of printing a secret shows its value", () => {
  const secret = new Secret("env KEY", "hunter2-hunter2");
  const printed = [
    inspect(secret, { showHidden: true, depth: 9 }),
    JSON.stringify({ secret }),
    `${secret}`,
    format("%s %o", secret, secret),
    Object.keys(secret).join(),
  ];
  for (const text of printed) assert.doesNotMatch(text, /hunter2/);
  assert.match(`${secret}`, /env KEY/);
  assert.equal(secret.reveal(), "hunter2-hunter2");
});
