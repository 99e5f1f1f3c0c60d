import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";

export interface AnswerLink {
  /** Of the access request. */
  readonly request: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
  /** Makes each link another one: it is used once. */
  readonly nonce: string;
}

const form = /^([0-9a-f-]{36})\.([0-9a-z]{1,10})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/**
 * Links that lead an approver to one request. They say that this gateway has made them, and for how long; never who
 * somebody is: whoever follows one has to be known, and an approver.
 */
export class AnswerLinks {
  readonly #digest: (text: string) => Uint8Array;

  /** @param digest keyed; 32 bytes */
  constructor(digest: (text: string) => Uint8Array) {
    this.#digest = digest;
  }

  make({ request, until, nonce }: AnswerLink): string {
    const text = `${request}.${Math.floor(until / 1000).toString(36)}.${nonce}`;
    return `${text}.${Buffer.from(this.#digest(text)).toString("base64url")}`;
  }

  /** Null: none of ours, or too old. */
  read(link: string, now: number): AnswerLink | null {
    const [, request, seconds, nonce, given] = form.exec(link) ?? [];
    if (request === undefined || seconds === undefined || nonce === undefined || given === undefined) return null;
    const due = this.#digest(`${request}.${seconds}.${nonce}`);
    if (!timingSafeEqual(Buffer.from(given, "base64url"), due)) return null;
    const until = Number.parseInt(seconds, 36) * 1000;
    return now < until ? { request, until, nonce } : null;
  }
}
