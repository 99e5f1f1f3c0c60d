import * as openid from "openid-client";
import { problem } from "#cli/failure.ts";
import { LoginFailure, oneLine } from "./login-failure.ts";
import type { LoginTarget } from "./login-target.ts";
import { providerFailed, targetParameters, type TokenAnswer } from "./provider.ts";

const longestMs = 1_800_000;

/**
 * For a machine without a browser: the person goes to a page with any other, and enters a code.
 * @see RFC 8628
 */
export async function loginByDevice(
  provider: openid.Configuration,
  target: LoginTarget,
  say: (text: string) => void,
): Promise<TokenAnswer> {
  if (provider.serverMetadata().device_authorization_endpoint === undefined) {
    const fix = "log in on a machine with a browser, without --device";
    throw new LoginFailure(problem(`${target.issuer} has no device flow`, "device-not-offered", fix));
  }
  const more = targetParameters(target);
  try {
    const device = await openid.initiateDeviceAuthorization(provider, { scope: target.scopes.join(" "), ...more });
    say(instructions(device));
    const signal = AbortSignal.timeout(Math.min(device.expires_in * 1000, longestMs));
    return await openid.pollDeviceAuthorizationGrant(provider, device, more, { signal });
  } catch (error) {
    if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) throw tooLate();
    throw providerFailed(target.issuer, error);
  }
}

function instructions(device: openid.DeviceAuthorizationResponse): string {
  const { verification_uri: page, verification_uri_complete: whole, user_code: code } = device;
  const direct = whole === undefined ? "" : `or open ${oneLine(whole)}, and see that it shows this code\n`;
  return `Open ${oneLine(page)} and enter the code ${oneLine(code)}\n${direct}Waiting …\n`;
}

export function tooLate(): LoginFailure {
  return new LoginFailure(problem("nobody logged in in time", "login-timeout", "run the command again"));
}
