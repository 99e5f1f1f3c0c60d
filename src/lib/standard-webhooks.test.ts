import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSigned, signMessage } from "./standard-webhooks.ts";

// The vector of the specification's reference libraries.
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const [id, timestamp] = ["msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"];
const body = Buffer.from('{"test": 2432232314}');
const signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const now = 1_614_265_330_000;

describe("standard webhooks", () => {
  it("sign as the reference does", () => assert.equal(signMessage(secret, id, timestamp, body), signature));

  it("take what was signed, also among several signatures", () => {
    assert.ok(isSigned(secret, { id, timestamp, signature }, body, now));
    assert.ok(isSigned(secret, { id, timestamp, signature: `v1,AAAA v2,x ${signature}` }, body, now));
    const plain = "a secret that is a text of its own";
    assert.ok(isSigned(plain, { id, timestamp, signature: signMessage(plain, id, timestamp, body) }, body, now));
  });

  it("refuse what was changed, what is old, and what has another's signature", () => {
    const fields = { id, timestamp, signature };
    assert.equal(isSigned(secret, fields, Buffer.from("{}"), now), false);
    assert.equal(isSigned(secret, { ...fields, id: "msg_2" }, body, now), false);
    assert.equal(isSigned(secret, { ...fields, signature: "" }, body, now), false);
    assert.equal(isSigned(secret, { ...fields, signature: signature.replace("v1,", "v1a,") }, body, now), false);
    assert.equal(isSigned("whsec_AAAA", fields, body, now), false);
    assert.equal(isSigned(secret, fields, body, now + 300_001), false);
    assert.equal(isSigned(secret, fields, body, now - 300_001), false);
  });
});
