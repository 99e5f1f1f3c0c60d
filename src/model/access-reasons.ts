import type { ReasonCode } from "./reasons.ts";

/** What an access rule may name as the reason of its refusal: what the caller lacks, in terms that a caller understands. */
export type AccessReason = Extract<
  ReasonCode,
  | "access-denied"
  | "group-missing"
  | "app-role-missing"
  | "scope-missing"
  | "outside-hours"
  | "approval-required"
  | "address-not-allowed"
  | "agent-not-allowed"
  | "authentication-too-weak"
>;

export const accessReasons: readonly AccessReason[] = [
  "access-denied",
  "group-missing",
  "app-role-missing",
  "scope-missing",
  "outside-hours",
  "approval-required",
  "address-not-allowed",
  "agent-not-allowed",
  "authentication-too-weak",
];
