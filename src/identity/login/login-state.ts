import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Random, Sealer } from "#model/ports.ts";
import { ownCookiePrefix } from "#model/site.ts";

/**
 * A browser is bound to the logins that it has begun by a random value in a cookie; what else a login must remember
 * travels, sealed, in its `state`. So nothing is kept here for people who may never come back. A browser that opens many
 * tabs at once, none of which knows of the others' cookies yet, has a few places for them: the Cookie header stays small
 * however many logins are begun.
 */
const cookiePrefix = `${ownCookiePrefix}login-`;
const places = 16;

/** A person may think about a password, and look for a second factor. */
export const loginLifetimeMs: number = 15 * 60_000;

const secretLength = 43;
const context = "login/state";

export interface LoginState {
  /** Name of the cookie that it is bound to. */
  readonly cookie: string;
  readonly provider: string;
  readonly host: string;
  /** A {@link returnPath}. */
  readonly back: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** It was begun by itself, because the one before had lost its cookie. */
  readonly isSecond: boolean;
  /** Random; what is derived for this login alone comes from it and the cookie. */
  readonly salt: string;
}

/** With what ties it to the browser's cookie, which it does not tell. */
interface SealedState extends LoginState {
  readonly bound: string;
}

/** The `state`, and what must fit it when the browser is back. */
export interface BegunLogin {
  readonly state: string;
  readonly nonce: string;
  /** PKCE. */
  readonly verifier: string;
}

/** What a browser has for logins. */
export interface LoginCookie {
  readonly name: string;
  readonly secret: string;
}

/** The one that a browser has already, or another. */
export function loginCookieOf(cookies: ReadonlyMap<string, string>, random: Random): LoginCookie {
  for (const [name, secret] of cookies) if (isLoginCookie(name) && isSecret(secret)) return { name, secret };
  const [place = 0] = random.bytes(1);
  return { name: `${cookiePrefix}${place % places}`, secret: Buffer.from(random.bytes(32)).toString("base64url") };
}

function isLoginCookie(name: string): boolean {
  return name.startsWith(cookiePrefix) && Number(name.slice(cookiePrefix.length)) < places;
}

function isSecret(value: string): boolean {
  return value.length === secretLength && /^[\w-]+$/.test(value);
}

export function beginLogin(
  { name, secret }: LoginCookie,
  facts: Omit<LoginState, "salt" | "cookie">,
  { sealer, random }: { readonly sealer: Sealer; readonly random: Random },
): BegunLogin {
  const salt = Buffer.from(random.bytes(16)).toString("base64url");
  const whole: SealedState = { ...facts, cookie: name, salt, bound: bindingOf(secret) };
  const sealed = sealer.seal(Buffer.from(JSON.stringify(whole)), context);
  return derived(secret, salt, Buffer.from(sealed).toString("base64url"));
}

export interface ResumedLogin {
  readonly facts: LoginState;
  /**
   * Null: this browser has not begun it, and nobody may be logged in by it: a link would make them somebody else (login
   * CSRF, RFC 9700 §4.7). Nonce and verifier of another browser would not fit either.
   */
  readonly begun: BegunLogin | null;
}

/** @returns null: not sealed by this gateway, or too old */
export function resumeLogin(
  state: string,
  cookies: ReadonlyMap<string, string>,
  sealer: Sealer,
  now: number,
): ResumedLogin | null {
  const sealed = openState(state, sealer);
  if (sealed === null || now - sealed.at > loginLifetimeMs || sealed.at > now + 60_000) return null;
  const { bound, ...facts } = sealed;
  const secret = cookies.get(facts.cookie) ?? "";
  const isOurs = isSecret(secret) && timingSafeEqual(Buffer.from(bound), Buffer.from(bindingOf(secret)));
  return { facts, begun: isOurs ? derived(secret, facts.salt, state) : null };
}

function openState(state: string, sealer: Sealer): SealedState | null {
  try {
    return JSON.parse(
      Buffer.from(sealer.open(Buffer.from(state, "base64url"), context)).toString("utf8"),
    ) as SealedState;
  } catch {
    return null;
  }
}

function bindingOf(secret: string): string {
  return createHmac("sha256", secret).update("state").digest("base64url");
}

function derived(secret: string, salt: string, state: string): BegunLogin {
  const of = (purpose: string): string =>
    createHmac("sha256", secret).update(`${purpose}\0${salt}`).digest("base64url");
  return { state, nonce: of("nonce"), verifier: of("verifier") };
}
