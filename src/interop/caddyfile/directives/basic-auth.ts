import { Buffer } from "node:buffer";
import { parsePasswordHash } from "#lib/password-hash/parse.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { CaddyfileError } from "#interop/caddyfile/syntax/token.ts";
import { type Directive, type DirectiveSpec, piece } from "#interop/caddyfile/site/scope.ts";
import type { Hash } from "#interop/caddyfile/target/draft.ts";
import type { Site } from "#interop/caddyfile/site/site.ts";
import { type Policy, setVariable } from "#interop/caddyfile/target/policy.ts";
import { isPlain } from "#interop/caddyfile/words/text.ts";

/** Name of the variable that has whom `basic_auth` has let through: `{http.auth.user.id}`. */
export const userVariable = "auth.user";

/** As Caddy writes it: `basic_auth [<algorithm> [<realm>]] { <user> <hash> … }`. */
export function basicAuth(directive: Directive): ReturnType<DirectiveSpec["translate"]> {
  const { args, line, scope, say } = directive;
  const [algorithm = "bcrypt", realm = "restricted", more] = args;
  const lines = line.block ?? [];
  if (more !== undefined) throw new CaddyfileError(`${directive.name} takes an algorithm and a realm`, line.name);
  if (lines.length === 0) throw new CaddyfileError(`${directive.name} needs users`, line.name);
  if (algorithm !== "bcrypt" && algorithm !== "argon2id")
    say("value-unsupported", `${directive.name} ${algorithm}: hashes are bcrypt or argon2id`);
  if (!/^[ !#-[\]-~]{1,128}$/.test(realm)) say("value-unsupported", `realm ${JSON.stringify(realm)}`);
  if (scope.moment !== "request")
    say("directive-unsupported", `${directive.name}, where an error or a response is there already`);
  say(
    "stricter",
    `${directive.name}: guesses are slowed down, and what pages of other sites have a browser send is refused`,
  );
  const names = lines.map((one) => userOf(one, directive));
  if (new Set(names).size < names.length) throw new CaddyfileError(`${directive.name} has a user twice`, line.name);
  const policy = { users: scope.site.useBasic(), names, realm, outputVariable: userVariable };
  return piece(directive, withChallenge({ "validate-basic": policy }, realm, scope.site));
}

/** A page of `handle_errors` takes the place of the refusal, and in Caddy keeps its challenge. */
function withChallenge(policy: Policy, realm: string, site: Site): readonly Policy[] {
  if (!site.handlesErrors) return [policy];
  const id = site.nextOutbound();
  site.addOutbound(id, [{ "set-header": { name: "WWW-Authenticate", values: [`Basic realm="${realm}"`] } }], "refusal");
  return [setVariable(id, true), policy, setVariable(id, false)];
}

function userOf(line: Line, directive: Directive): string {
  const { scope, say } = directive;
  scope.site.report.count(line);
  const user = line.name.text;
  const [hash, salt] = line.args;
  if (hash === undefined) throw new CaddyfileError(`${directive.name}: ${user} has no hash`, line.name);
  if (salt !== undefined) say("value-unsupported", `${directive.name}: a salt beside the hash of ${user}`, line.name);
  if (!isPlain(user) || !/^[!-9;-~](?:[ -9;-~]{0,126}[!-9;-~])?$/.test(user)) {
    say("value-unsupported", `the user ${JSON.stringify(user)}`, line.name);
    return user;
  }
  const source = sourceOf(hash.text, user, directive, line);
  if (source !== undefined && !scope.site.addUser(user, source)) {
    say("value-unsupported", `${user} has another hash elsewhere in this site`, line.name);
  }
  return user;
}

/** A hash is a secret: it is not copied, only where it will come from is said. */
function sourceOf(text: string, user: string, { say, scope }: Directive, line: Line): Hash | undefined {
  const [, place, name] = /^\{(env|file)\.([^{}]+)\}$/.exec(text) ?? [];
  if (name !== undefined) return place === "env" ? { env: name } : { file: name };
  const written = text.startsWith("$") ? text : Buffer.from(text, "base64").toString("latin1");
  const parsed = parsePasswordHash(written);
  if (typeof parsed === "string") {
    say("value-unsupported", `what stands for the password of ${user} ${parsed}`, line.name);
    return undefined;
  }
  const variable = scope.site.draft.hashVariable(user, written);
  say("needs-value", `the hash of ${user} is not copied: put it into the environment as ${variable}`, line.name);
  return { env: variable };
}
