import type { AccessState, AccessStepName } from "#model/access-requests.ts";

interface Transition {
  /** Null: it begins so. */
  readonly from: AccessState | null;
  readonly to: AccessState;
}

/** THE table of an access request's life: what is not in it does not happen. */
export const transitions: Readonly<Record<AccessStepName, Transition>> = {
  request: { from: null, to: "pending" },
  "break-glass": { from: null, to: "active" },
  /** One of several words that it takes. */
  approve: { from: "pending", to: "pending" },
  /** The last word that it takes. */
  grant: { from: "pending", to: "active" },
  reject: { from: "pending", to: "rejected" },
  withdraw: { from: "pending", to: "withdrawn" },
  lapse: { from: "pending", to: "lapsed" },
  expire: { from: "active", to: "expired" },
  revoke: { from: "active", to: "revoked" },
};
