import type { Secret } from "./secret.ts";

/** A system that is told what becomes of access requests. */
export interface Webhook {
  readonly name: string;
  readonly url: string;
  /** Signs what is sent to it, and what it answers. */
  readonly secret: Secret;
  /** Its signed answers count, as those of the principal {@link webhookPrincipalId}. */
  readonly answers: boolean;
}

export interface MailSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps`); else STARTTLS, which must succeed but on this machine. */
  readonly secure: boolean;
  readonly from: string;
  /** Null: without logging in. */
  readonly login: { readonly user: string; readonly password: Secret } | null;
}

/** How people and systems are told of access requests. */
export interface Announcements {
  /** Where links lead: a host of this gateway that people reach, without a slash at its end. */
  readonly url: string;
  readonly webhooks: readonly Webhook[];
  /** Null: nobody gets e-mail. */
  readonly mail: MailSettings | null;
}

/** An answer by webhook is the system's own word: an approval takes it where its approvers name this principal. */
export function webhookPrincipalId(name: string): string {
  return `urn:sallyport:webhooks||${name}`;
}
