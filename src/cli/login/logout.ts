import { Command } from "commander";
import { withExitCodes } from "#cli/exit-codes.ts";
import * as openid from "openid-client";
import { findLogin, forgetLogin } from "./access-token.ts";
import { loginExitCodes, reportingLogin } from "./login-failure.ts";
import type { Login } from "./logins-file.ts";
import { findProvider, trustAlso } from "./provider.ts";

interface Options {
  readonly login?: string;
}

/** `sallyport logout`: the provider is told first, but what is kept here goes in any case. */
export function logoutCommand(): Command {
  return withExitCodes(new Command("logout"), loginExitCodes)
    .description("forget a login, and have the provider take its tokens back")
    .option("--login <name>", "another login than the last: a gateway's address or an issuer")
    .addHelpText(
      "after",
      `
Examples:
  sallyport logout
  sallyport logout --login https://api.example.com`,
    )
    .action(({ login: name }: Options) =>
      reportingLogin(async () => {
        const login = await findLogin(name);
        const left = await revoke(login);
        await forgetLogin(login.name);
        process.stderr.write(`Logged out of ${login.name}${left}\n`);
      }),
    );
}

/** @returns what of the login goes on, in words; empty: nothing. @see RFC 7009 §2.2.1 */
async function revoke(login: Login): Promise<string> {
  const { accessToken, refreshToken } = login;
  try {
    trustAlso(login.ca);
    const provider = await findProvider(login);
    if (provider.serverMetadata().revocation_endpoint === undefined) return takesNothingBack;
    if (refreshToken !== null) {
      await openid.tokenRevocation(provider, refreshToken, { token_type_hint: "refresh_token" });
    }
    return await openid.tokenRevocation(provider, accessToken, { token_type_hint: "access_token" }).then(
      () => "",
      () => `; ${accessTokenStays(login)}`,
    );
  } catch {
    return takesNothingBack;
  }
}

const takesNothingBack = "; the provider took its tokens not back, which end by themselves";

function accessTokenStays({ expiresAt }: Login): string {
  const until = expiresAt === null ? "ends by itself" : `is good until ${new Date(expiresAt).toISOString()}`;
  return `the provider takes access tokens not back: the last one ${until}`;
}
