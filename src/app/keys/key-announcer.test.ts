import assert from "node:assert/strict";
import { it } from "node:test";
import type { Announcements } from "#model/announcements.ts";
import { Secret } from "#model/secret.ts";
import type { KeyNotice } from "#products/key-notice.ts";
import { keyMessages } from "./key-announcer.ts";

const hook = { name: "chat", url: "https://chat.test", secret: new Secret("test", "x"), answers: false };
const mail = { host: "mail.test", port: 25, secure: false, from: "gateway@app.test", login: null };
const notice: KeyNotice = {
  step: "due",
  at: 5,
  subscription: "team",
  scope: "product:starter",
  owner: "ann",
  slot: "primary",
  key: "0123456789ab",
};

it("sends each notice to all webhooks, and by mail to an owner who has an address", () => {
  let ids = 0;
  const receivers = (settings: Partial<Announcements>, address: string | null): readonly string[] =>
    keyMessages(
      { url: "https://app.test", webhooks: [hook], mail, ...settings },
      notice,
      address,
      () => `m${ids++}`,
    ).map(({ channel, receiver, subject, createdAt }) => `${channel} ${receiver} ${subject} ${createdAt}`);
  const toHook = "webhook chat keys:team 5";
  assert.deepEqual(receivers({}, "ann@app.test"), [toHook, "email ann@app.test keys:team 5"]);
  assert.deepEqual(receivers({}, null), [toHook]);
  assert.deepEqual(receivers({ mail: null }, "ann@app.test"), [toHook]);
});
