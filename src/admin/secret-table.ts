import type { AdminOperation } from "./operation.ts";
import { listSecrets, rotateSecret } from "./operations/secrets.ts";
import { acts, json, reads } from "./rows.ts";

/** Secrets that are changed by a schedule. */
export const secretOperations: readonly AdminOperation[] = [
  reads("list-secrets", "/secrets", {
    summary: "Secrets with a schedule: how old, when due, whether a new one is on its way. No secret is shown.",
    answers: json("Secrets"),
    run: listSecrets,
  }),
  acts("rotate-secret", "POST", "/secrets/{name}/rotate", {
    summary:
      "Make a new secret, try it and use it; the one before goes on for a while, or in an emergency ends at once.",
    query: { emergency: { pattern: "^true$", about: "The one before is dropped as soon as the new one is in use." } },
    answers: json("Secret"),
    refusals: ["secret-unknown", "secret-unchanged"],
    run: rotateSecret,
  }),
];
