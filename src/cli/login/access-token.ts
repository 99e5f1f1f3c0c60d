import * as openid from "openid-client";
import {
  changeLogins,
  type Login,
  loginsPath,
  readLogins,
  withLogin,
  withoutLogin,
  withRenewed,
} from "./logins-file.ts";
import { notLoggedIn } from "./login-failure.ts";
import type { LoginTarget } from "./login-target.ts";
import {
  errorCodeOf,
  findProvider,
  providerFailed,
  targetParameters,
  type TokenAnswer,
  trustAlso,
} from "./provider.ts";

/** Not used in its last minute: whoever checks it has another clock. */
const marginMs = 60_000;

/** The login of that name, or the last one. @throws LoginFailure when there is none */
export async function findLogin(name: string | undefined): Promise<Login> {
  const { current, logins } = await readLogins(loginsPath());
  const wanted = name ?? current;
  const found = logins.find((one) => one.name === wanted);
  if (found !== undefined) return found;
  throw wanted === null ? notLoggedIn("nobody is logged in") : notLoggedIn(`nobody is logged in at ${wanted}`, wanted);
}

/**
 * The same with an access token that is good, renewed where that is needed and kept then.
 * @throws LoginFailure when it cannot be renewed: the person has to log in again
 */
export async function freshLogin(name: string | undefined): Promise<Login> {
  const login = await findLogin(name);
  if (isGood(login)) return login;
  trustAlso(login.ca);
  return changeLogins(loginsPath(), async (before) => {
    // Another command may have renewed it meanwhile.
    const known = before.logins.find((one) => one.name === login.name);
    if (known === undefined) throw notLoggedIn(`nobody is logged in at ${login.name}`, login.name);
    if (isGood(known)) return { after: before, result: known };
    const renewed = await renew(known);
    return { after: withRenewed(before, renewed), result: renewed };
  });
}

function isGood({ expiresAt }: Login): boolean {
  return expiresAt === null || Date.now() < expiresAt - marginMs;
}

async function renew(login: Login): Promise<Login> {
  if (login.refreshToken === null) throw notLoggedIn(`the login at ${login.name} is over`, login.name);
  const provider = await findProvider(login);
  try {
    const answer = await openid.refreshTokenGrant(provider, login.refreshToken, targetParameters(login));
    return loginOf(login, answer, login);
  } catch (error) {
    if (errorCodeOf(error) === "invalid_grant") throw notLoggedIn(`the login at ${login.name} is over`, login.name);
    throw providerFailed(login.issuer, error);
  }
}

/** Keeps it, and makes it the one that commands use. */
export function keepLogin(target: LoginTarget, answer: TokenAnswer): Promise<Login> {
  const login = loginOf(target, answer, null);
  return changeLogins(loginsPath(), async (before) => ({ after: withLogin(before, login), result: login }));
}

export function forgetLogin(name: string): Promise<void> {
  return changeLogins(loginsPath(), async (before) => ({ after: withoutLogin(before, name), result: undefined }));
}

function loginOf(target: LoginTarget, answer: TokenAnswer, before: Login | null): Login {
  const { name, gateway, issuer, clientId, scopes, resource, audience, prompt, ca } = target;
  const within = answer.expiresIn();
  const claims = answer.claims();
  const who = claims?.["email"] ?? claims?.["preferred_username"] ?? claims?.["name"] ?? claims?.sub;
  return {
    name,
    gateway,
    issuer,
    clientId,
    scopes,
    resource,
    audience,
    prompt,
    ca,
    accessToken: answer.access_token,
    expiresAt: within === undefined ? null : Date.now() + within * 1000,
    // A provider that does not rotate it says nothing of it.
    refreshToken: answer.refresh_token ?? before?.refreshToken ?? null,
    who: typeof who === "string" ? who : (before?.who ?? null),
  };
}
