import { readFileSync } from "node:fs";
import { people } from "./people.ts";
import { demoFiles, ensureSecrets, readState } from "./secrets.ts";
import { personToken, serviceToken } from "./tokens.ts";

/** Asks the running provider for a token and prints lines for `eval`. */
export async function printCredentials(options: { readonly data: string; readonly as: string }): Promise<void> {
  const files = demoFiles(options.data);
  const state = readState(files);
  if (options.as !== "billing" && !Object.hasOwn(people, options.as)) {
    throw new Error(`nobody is called ${options.as}; one of billing, ${Object.keys(people).join(", ")}`);
  }
  const token = await tokenOf(
    options.as,
    state.issuer,
    state.redirectUri,
    () => ensureSecrets(files).serviceSecret,
  ).catch((cause: unknown) => {
    const reason =
      cause instanceof TypeError
        ? "it does not answer; is the quick start running? (npm start)"
        : String((cause as Error).message);
    throw new Error(`no token from the provider at ${state.issuer}: ${reason}`, { cause });
  });
  const lines = {
    SALLYPORT_URL: state.url,
    SALLYPORT_KEY: readFileSync(files.keyFile, "utf8").trim(),
    SALLYPORT_TOKEN: token,
    SALLYPORT_CA: state.rootCertificate,
  };
  for (const [name, value] of Object.entries(lines)) process.stdout.write(`export ${name}=${quote(value)}\n`);
}

function tokenOf(who: string, issuer: string, redirectUri: string, secret: () => string): Promise<string> {
  return who === "billing" ? serviceToken(issuer, secret()) : personToken(issuer, redirectUri, who);
}

/** Single quotes keep a shell from reading anything into a path. */
function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
