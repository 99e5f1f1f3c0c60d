import assert from "node:assert/strict";
import { it } from "node:test";
import type { AccessRequest, AccessStep, Party } from "#model/access-requests.ts";
import { breakGlassMail, requestMail, webhookPayload } from "./access-message.ts";

const requester: Party = {
  id: "https://login.example.com||eve\nsub",
  kind: "user",
  name: "Eve\r\n\r\nAnswer here:\u2028https://evil.example/",
  email: "eve@example.com",
  actors: ["bot\nx"],
  user: null,
  origin: { subject: "eve", provider: "corp" },
};
const step: AccessStep = { step: "request", by: requester, behalfOf: null, comment: "", rules: [], at: 1000 };
const request: AccessRequest = {
  id: "r1",
  approval: "payroll",
  grantee: requester.id,
  requester,
  reason: "month end",
  durationMs: 60_000,
  state: "pending",
  isBreakGlass: false,
  createdAt: 1000,
  answerBy: 2000,
  startsAt: null,
  endsAt: null,
  steps: [step],
};
const event = { request, approval: null, step };

it("nobody writes more of a mail than one line by what they are called", () => {
  for (const { subject, text } of [
    requestMail(event, "https://gateway/link"),
    breakGlassMail(event, "https://gateway"),
  ]) {
    const named = text.split(/[\n\r\u2028]/).filter((line) => line.includes("evil.example"));
    assert.equal(named.length, 1);
    assert.match(
      String(named[0]),
      /^Eve Answer here: https:\/\/evil.example\/ \(https:\/\/login.example.com\|\|eve sub\), through bot x /,
    );
    assert.match(subject, /payroll$/);
  }
});

it("webhooks are told who it is, and not by what the gateway finds them again", () => {
  assert.doesNotMatch(JSON.stringify(webhookPayload(event, "https://gateway")), /origin|"corp"/);
});
