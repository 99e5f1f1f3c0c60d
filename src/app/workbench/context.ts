import type { ErrorFormat } from "#model/definition.ts";
import type { Scope } from "#model/policy-tree.ts";

export type Scalar = string | number | boolean;

/** What a service is said to answer. */
export interface StubbedAnswer {
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  readonly json?: unknown;
  readonly error?: "timeout" | "connection";
}

export interface StubbedCall extends StubbedAnswer {
  /** With `*` for any characters. */
  readonly url: string;
  readonly method?: string;
}

/** Dates as ISO 8601 has them. */
export interface WorkbenchSubscription {
  readonly id: string;
  readonly name?: string;
  readonly createdDate?: string;
  readonly startDate?: string;
  readonly endDate?: string;
  readonly owner?: {
    readonly id: string;
    readonly email?: string;
    readonly firstName?: string;
    readonly lastName?: string;
    readonly note?: string;
    readonly groups?: readonly string[];
    readonly registrationDate?: string;
  };
}

/** What a document is run in: the shape of the JSON file, which `context-schema.ts` describes and is checked by. */
export interface WorkbenchContext {
  readonly scope?: Exclude<Scope, "workspace">;
  readonly api?: {
    readonly name?: string;
    readonly displayName?: string;
    readonly path?: string;
    readonly serviceUrl?: string;
  };
  readonly operation?: { readonly name?: string; readonly method: string; readonly template: string };
  readonly product?: {
    readonly name: string;
    readonly displayName?: string;
    readonly approvalRequired?: boolean;
    readonly subscriptionsLimit?: number;
    readonly groups?: readonly string[];
  };
  readonly subscription?: WorkbenchSubscription;
  readonly user?: {
    readonly id: string;
    readonly email?: string;
    readonly name?: string;
    readonly groups?: readonly string[];
    readonly provider?: string;
  };
  readonly client?: {
    readonly address?: string;
    /** PEM, as if the handshake had verified it. */
    readonly certificate?: string;
  };
  readonly variables?: Readonly<Record<string, Scalar>>;
  readonly values?: Readonly<Record<string, Scalar>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly fragments?: Readonly<Record<string, string>>;
  /** PEM by name, with or without the key. */
  readonly certificates?: Readonly<Record<string, string>>;
  readonly backends?: Readonly<Record<string, string>>;
  readonly backend?: StubbedAnswer | readonly StubbedAnswer[];
  readonly calls?: readonly StubbedCall[];
  readonly cache?: Readonly<Record<string, Scalar>>;
  readonly errors?: ErrorFormat;
  readonly now?: string;
  readonly seed?: number;
  readonly repeat?: number;
}
