import type { MarkedSecret } from "./marked-secret.ts";

/** People and programs who show a user's name and a password (RFC 7617), under one name of the definition. */
export interface BasicUsers {
  readonly name: string;
  /** At least one; names are unique. */
  readonly users: readonly BasicUser[];
}

export interface BasicUser {
  /** Without a colon and control characters. */
  readonly name: string;
  /** Of the password: bcrypt or Argon2id, in the form of `lib/password-hash/parse.ts`. */
  readonly hash: MarkedSecret;
  readonly groups: readonly string[];
}

/** How an API takes them. */
export interface BasicAccess {
  /** Name of the {@link BasicUsers}. */
  readonly users: string;
  /** What a client is asked for a password of; printable ASCII without quotes and backslashes. */
  readonly realm: string;
  /** `refuse`: what is wrong is refused (401). `ignore`: it makes nobody, and whoever asks for a user names it. */
  readonly wrong: "refuse" | "ignore";
  /** The field with the password travels on to the backend. */
  readonly forward: boolean;
}

/** Issuer of principals of such a list. */
export function basicIssuer(list: string): string {
  return `basic:${list}`;
}
