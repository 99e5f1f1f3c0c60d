import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { stripVTControlCharacters } from "node:util";
import type { StoredRecord } from "#model/record.ts";
import type { AuditEntry } from "#audit/entry.ts";
import { explainRecord } from "./explain.ts";
import { parseEntry } from "./parse-entry.ts";

const folder = join(import.meta.dirname, "golden");
const separator = "\n----------\n";

/** A golden file: the stored line, a line of dashes, the explanation. */
function goldenCase(name: string): { readonly entry: AuditEntry; readonly expected: string } {
  const [input = "", expected = ""] = readFileSync(join(folder, name), "utf8").split(separator);
  return { entry: parseEntry(input, () => undefined) ?? assert.fail(`${name} holds no entry`), expected };
}

describe("explain", () => {
  for (const name of readdirSync(folder)) {
    it(name.replace(".txt", "").replaceAll("-", " "), () => {
      const { entry, expected } = goldenCase(name);
      assert.equal(explainRecord(entry), expected);
    });
  }

  const { entry } = goldenCase("allowed.txt");
  const record = entry as StoredRecord;

  it("prints nothing that could steer a terminal or forge a line", () => {
    const hostile = "/\u001b[2J\u009b31m\r\nRequest x allowed\u202e\u2028";
    const text = explainRecord({
      ...record,
      path: hostile,
      host: hostile,
      client: hostile,
      tokenId: hostile,
      reasons: [hostile],
    });
    assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\u202e\u2028]/u);
    assert.equal(text.split("\n").filter((line) => line.startsWith("Request")).length, 1);
    assert.match(text, /\\u\{1b\}\[2J/);
  });

  it("says the same in colour", () => {
    const text = explainRecord(record, { color: true });
    assert.ok(text.includes("\u001b[32mallowed\u001b[0m"));
    assert.equal(stripVTControlCharacters(text), explainRecord(record));
  });

  it("names the policy by which a section did not pass, and the upstream where forwarding failed", () => {
    const decided = (reasons: readonly string[], ...handovers: StoredRecord["handovers"]): string | undefined =>
      /^Decided by +(.*)$/m.exec(explainRecord({ ...record, decision: "deny", reasons, handovers }))?.[1];
    const policy = { door: "policy", step: "ip-filter", policy: "office", outcome: "refused", micros: 0 } as const;
    const traced = { door: "policy", step: "trace", policy: "told", outcome: "passed", micros: 0 } as const;
    const inbound = { door: "policy", step: "inbound", outcome: "refused", micros: 9 } as const;
    const reason = "address-not-allowed";
    assert.equal(
      decided([reason], { ...policy, reason }, traced, { ...inbound, reason }),
      "policy door, step ip-filter (office), which refused the request",
    );
    assert.equal(
      decided([], { ...policy, step: "mock-response", outcome: "answered" }, { ...inbound, outcome: "answered" }),
      "policy door, step mock-response (office), which answered the request",
    );
    const late = "upstream-timeout";
    const forward = { door: "upstream", step: "forward", outcome: "refused", reason: late, micros: 9 } as const;
    assert.equal(
      decided([late], { ...policy, step: "forward-request", outcome: "failed", reason: late }, forward),
      "upstream door, step forward, which refused the request",
    );
  });

  it("shows a reason that it does not know", () => {
    const text = explainRecord({ ...record, decision: "deny", reasons: ["constructor"] });
    assert.match(text, /^Reason +constructor$/m);
  });
});
