import { endOldKeys, readKeys, reportOldKeys, rotateKeys } from "./operations/key-rotations.ts";
import type { AdminOperation } from "./operation.ts";
import { acts, json, reads } from "./rows.ts";

const refusals = ["subscription-unknown", "subscription-conflict"] as const;

/** Keys that follow one another. */
export const keyOperations: readonly AdminOperation[] = [
  reads("read-keys", "/subscriptions/{name}/keys", {
    summary:
      "The keys of a subscription: how old, when due, until when old ones go on, when used last. No key is shown.",
    answers: json("Keys"),
    refusals: ["subscription-unknown"],
    run: readKeys,
  }),
  acts("rotate-keys", "POST", "/subscriptions/{name}/rotate-keys", {
    summary: "Make new keys; the old ones go on for a while, or in an emergency end at once.",
    query: {
      slot: {
        pattern: "^(primary|secondary)$",
        about: "The key of this one alone. When absent the older one's; in an emergency both.",
      },
      emergency: { pattern: "^true$", about: "The keys before end at once, and old ones of these slots." },
      grace: {
        pattern: "^(0|[1-9][0-9]{0,4}[smhd])$",
        about: "How long the one before goes on, at most 365d; when absent as its schedule says, 14d without one.",
      },
    },
    answers: json("RotatedKeys"),
    refusals: [...refusals, "malformed-request"],
    run: rotateKeys,
  }),
  acts("end-old-keys", "POST", "/subscriptions/{name}/end-old-keys", {
    summary: "End the old keys of a subscription that still go on; those of its slots stay.",
    answers: json("Keys"),
    refusals,
    run: endOldKeys,
  }),
  reads("report-old-keys", "/reports/old-keys", {
    summary: "Old keys that still go on, those that end next first.",
    query: { top: { pattern: "^([1-9][0-9]{0,2}|1000)$", about: "How many keys; 100 when absent." } },
    answers: json("OldKeyReport"),
    run: reportOldKeys,
  }),
];
