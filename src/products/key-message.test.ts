import assert from "node:assert/strict";
import { it } from "node:test";
import { keyMail, keyPayload } from "./key-message.ts";
import type { KeyNotice, KeyStep } from "./key-notice.ts";

const at = Date.parse("2026-11-27T12:00:00Z");
const notice: KeyNotice = {
  step: "due",
  at,
  subscription: "team",
  scope: "product:starter",
  owner: "ann",
  slot: "primary",
  key: "0123456789ab",
  dueAt: at + 86_400_000,
};

it("tells webhooks what has become of a key, and the owner what to do", () => {
  assert.deepEqual(keyPayload(notice), {
    type: "key.due",
    timestamp: "2026-11-27T12:00:00.000Z",
    data: {
      subscription: "team",
      scope: "product:starter",
      owner: "ann",
      slot: "primary",
      key: "0123456789ab",
      before: null,
      dueAt: "2026-11-28T12:00:00.000Z",
      endsAt: null,
      usedAt: null,
    },
  });
  const { subject, text } = keyMail(notice, "https://app.test");
  assert.equal(subject, "Key due: team");
  assert.match(text, /^The primary key \(0123456789ab\) of your subscription team is due on 2026-11-28T12:00/);
  assert.match(text, /\nhttps:\/\/app\.test\/\.sallyport\/keys\n/);
  assert.match(keyMail({ ...notice, dueAt: at }, "").text, /was due on/);
  const declared = keyMail({ ...notice, isDeclared: true }, "https://app.test").text;
  assert.match(declared, /Ask those who run the gateway/);
  assert.doesNotMatch(declared, /https:/, "the page makes no keys of the definition");
});

it("has a subject of its own for each step", () => {
  const steps: readonly KeyStep[] = ["due", "rotated", "retired", "ending", "ended"];
  const mails = steps.map((step) => keyMail({ ...notice, step, until: at }, ""));
  assert.equal(new Set(mails.map(({ subject }) => subject)).size, steps.length);
  assert.match(mails[3]?.text ?? "", /is still used, and goes on until 2026-11-27T12:00/);
  assert.match(keyMail({ ...notice, step: "rotated" }, "").text, /the one before has ended/);
});
