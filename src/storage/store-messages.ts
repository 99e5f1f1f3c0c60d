import { type ErrorCode, type ErrorSource, GatewayError } from "#model/errors.ts";
import type { AccessStore } from "./access-store.ts";
import type { QuotaStore, RevocationStore, SubscriptionStore, UserStore } from "./interfaces.ts";
import type { KeyStore } from "./key-store.ts";
import type { OutboxStore } from "./outbox-store.ts";
import type { ScimStore } from "./scim-interfaces.ts";
import type { SessionStore } from "./sessions.ts";

/** All that may be called from another thread; a record, so that the compiler sees to its being complete. */
export const subscriptionCalls: Readonly<Record<keyof SubscriptionStore, true>> = {
  upsertDeclared: true,
  create: true,
  get: true,
  list: true,
  ofOwner: true,
  setState: true,
  expire: true,
  nextEnd: true,
  replaceKey: true,
  noteUses: true,
  unusedKeys: true,
  agedKeys: true,
  remove: true,
  keys: true,
};

export const keyCalls: Readonly<Record<keyof KeyStore, true>> = {
  rotate: true,
  retire: true,
  tell: true,
  end: true,
  endOld: true,
  nextEnd: true,
  of: true,
  held: true,
  old: true,
};

export const userCalls: Readonly<Record<keyof UserStore, true>> = {
  put: true,
  get: true,
  rename: true,
  regroup: true,
  byIdentity: true,
  list: true,
  setState: true,
  remove: true,
  putGroup: true,
  groups: true,
  removeGroup: true,
  members: true,
};
export const revocationCalls: Readonly<Record<keyof RevocationStore, true>> = {
  put: true,
  remove: true,
  all: true,
  prune: true,
};
export const quotaCalls: Readonly<Record<keyof QuotaStore, true>> = { lease: true, prune: true };
export const accessCalls: Readonly<Record<keyof AccessStore, true>> = {
  create: true,
  get: true,
  list: true,
  change: true,
  counts: true,
  due: true,
  nextDue: true,
  delegate: true,
  delegations: true,
  endDelegation: true,
  useOnce: true,
  isUsed: true,
  prune: true,
};

export const outboxCalls: Readonly<Record<keyof OutboxStore, true>> = {
  put: true,
  claim: true,
  nextDue: true,
  sent: true,
  failed: true,
  revive: true,
  list: true,
  counts: true,
  prune: true,
};

export const scimCalls: Readonly<Record<keyof ScimStore, true>> = {
  put: true,
  get: true,
  byName: true,
  byExternalId: true,
  list: true,
  count: true,
  remove: true,
};

export const sessionCalls: Readonly<Record<keyof SessionStore, true>> = {
  put: true,
  find: true,
  touch: true,
  renew: true,
  remove: true,
  removeMatching: true,
  list: true,
  removeByHandle: true,
  prune: true,
};

export type StorePart =
  | "revocations"
  | "subscriptions"
  | "keys"
  | "users"
  | "quotas"
  | "access"
  | "outbox"
  | "scim"
  | "sessions";

export type ToStorage =
  | {
      readonly type: "call";
      readonly id: number;
      readonly part: StorePart;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  | { readonly type: "close" };

export type FromStorage =
  | { readonly type: "ready" }
  /** The store could not be opened; the thread ends. */
  | { readonly type: "failed"; readonly error: ErrorMessage }
  | { readonly type: "value"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly error: ErrorMessage };

/** A GatewayError without its class, which a message cannot carry. */
export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly status: number;
  readonly message: string;
  readonly source: ErrorSource;
  readonly retryable: boolean;
}

export function toErrorMessage(error: unknown): ErrorMessage {
  if (error instanceof GatewayError) {
    const { code, status, message, source, retryable } = error;
    return { code, status, message, source, retryable };
  }
  const message = `storage: ${error instanceof Error ? error.message : String(error)}`;
  return { code: "internal", status: 500, message, source: "gateway", retryable: false };
}

export function fromErrorMessage({ code, status, message, source, retryable }: ErrorMessage): GatewayError {
  return new GatewayError(code, status, message, { source, retryable });
}
