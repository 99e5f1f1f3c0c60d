import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readKeys } from "./subscription-keys.ts";

const names = (text: string, file = "keys"): unknown => {
  const keys = readKeys(file, text);
  return typeof keys === "string"
    ? keys
    : keys.map(({ subscription, scope, primaryKey, secondaryKey }) => [subscription, scope, primaryKey, secondaryKey]);
};

describe("readKeys", () => {
  it("reads CSV with quoted fields, whatever the order of its columns", () => {
    const text = '\ufeffScope,"Subscription",primaryKey,secondaryKey\r\n/apis,"a, ""b""",k1,\r\n\r\n,c,k2,k3';
    assert.deepEqual(names(text), [
      ['a, "b"', "/apis", "k1", undefined],
      ["c", undefined, "k2", "k3"],
    ]);
  });

  it("reads what the management API says", () => {
    assert.deepEqual(names('{"primaryKey":"k1","secondaryKey":"k2"}', "team-a"), [["team-a", undefined, "k1", "k2"]]);
    assert.deepEqual(names('{"team-a":{"primaryKey":"k1"}}'), [["team-a", undefined, "k1", undefined]]);
    assert.deepEqual(names('{"value":[{"name":"x","properties":{"scope":"/apis/o","primaryKey":"k"}}]}'), [
      ["x", "/apis/o", "k", undefined],
    ]);
    assert.deepEqual(names('[{"id":"/subscriptions/1/x","primaryKey":"k"}]'), [["x", undefined, "k", undefined]]);
  });

  it("refuses the rest without quoting it", () => {
    assert.equal(names("{ secret"), "is no JSON");
    assert.equal(names("a,b\nsecret,1"), "lacks the columns subscription and primaryKey");
    assert.equal(names('subscription,primaryKey\nx,"secret'), "line 2 is no CSV");
  });
});
