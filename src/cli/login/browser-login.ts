import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer } from "#lib/node-http.ts";
import * as openid from "openid-client";
import { tooLate } from "./device-login.ts";
import type { LoginTarget } from "./login-target.ts";
import { providerFailed, targetParameters, type TokenAnswer } from "./provider.ts";

export interface BrowserLoginOptions {
  /** In the address that the provider leads back to; both are this machine. */
  readonly redirectHost: "127.0.0.1" | "localhost";
  /** 0: any that is free. */
  readonly port: number;
  readonly say: (text: string) => void;
  readonly open: (url: string) => void;
}

const patienceMs = 300_000;
const callbackPath = "/callback";

/**
 * In the browser of this machine: the provider leads back to a port that is open for just this, on this machine alone.
 * @see RFC 8252 §7.3, RFC 7636, RFC 9207
 */
export async function loginByBrowser(
  provider: openid.Configuration,
  target: LoginTarget,
  { redirectHost, port, say, open }: BrowserLoginOptions,
): Promise<TokenAnswer> {
  const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()];
  const server = createServer();
  try {
    await listen(server, port);
    const redirect = `http://${redirectHost}:${(server.address() as AddressInfo).port}${callbackPath}`;
    const url = openid.buildAuthorizationUrl(provider, {
      redirect_uri: redirect,
      scope: target.scopes.join(" "),
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
      ...(target.prompt === null ? {} : { prompt: target.prompt }),
      ...targetParameters(target),
    });
    say(`Log in in the browser. If none opens, go to\n${url.href}\n`);
    open(url.href);
    const { callback, answer } = await nextCallback(server, redirect, state);
    return await exchange(provider, target, callback, { verifier, state, nonce }, answer);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function exchange(
  provider: openid.Configuration,
  target: LoginTarget,
  callback: URL,
  { verifier, state, nonce }: { readonly verifier: string; readonly state: string; readonly nonce: string },
  answer: (status: number, text: string) => Promise<void>,
): Promise<TokenAnswer> {
  const expected = { pkceCodeVerifier: verifier, expectedState: state };
  // Without `openid` there is no ID token that would hold the nonce.
  const checks = target.scopes.includes("openid")
    ? { ...expected, expectedNonce: nonce, idTokenExpected: true }
    : expected;
  try {
    const tokens = await openid.authorizationCodeGrant(provider, callback, checks, targetParameters(target));
    await answer(200, "You are logged in. You can close this window and go back to the terminal.");
    return tokens;
  } catch (error) {
    await answer(400, "That did not work: the terminal says why. You can close this window.");
    throw providerFailed(target.issuer, error);
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

interface Callback {
  readonly callback: URL;
  readonly answer: (status: number, text: string) => Promise<void>;
}

/** Whatever else comes to the port is nobody's login, and is told so: another program may knock. */
function nextCallback(server: Server, redirect: string, state: string): Promise<Callback> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(tooLate()), patienceMs);
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const url = URL.parse(request.url ?? "", redirect);
      if (request.method !== "GET" || url?.pathname !== callbackPath || url.searchParams.get("state") !== state) {
        return void response.writeHead(404, plain).end("There is nothing here.\n");
      }
      clearTimeout(timer);
      return resolve({ callback: url, answer: (status, text) => end(response, status, text) });
    });
  });
}

const plain: Readonly<Record<string, string>> = {
  "content-type": "text/plain; charset=utf-8",
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  connection: "close",
};

function end(response: ServerResponse, status: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) return resolve();
    response.on("close", resolve);
    return void response.writeHead(status, plain).end(`${text}\n`);
  });
}
