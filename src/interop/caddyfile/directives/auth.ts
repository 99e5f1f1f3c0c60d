import { CaddyfileError } from "#interop/caddyfile/syntax/token.ts";
import { isPlain, literal } from "#interop/caddyfile/words/text.ts";
import { type DirectiveSpec, type Directive, piece } from "#interop/caddyfile/site/scope.ts";
import { basicAuth } from "./basic-auth.ts";
import { emptySettings, readOptions, readTransport } from "./read-options.ts";
import { readUpstream, urlOf } from "./upstreams.ts";

/** Fields towards a backend that are the gateway's own. */
const ownFields = /^(?:x-auth-request-|x-sallyport-|x-forwarded-)/i;

export const authDirectives: Readonly<Record<string, DirectiveSpec>> = {
  forward_auth: { matched: true, maps: "`forward-auth`", translate: forwardAuth },
  basic_auth: { matched: true, maps: "`validate-basic`, and users of `identity.basic`", translate: basicAuth },
  basicauth: { matched: true, maps: "as `basic_auth`", translate: basicAuth },
};

function forwardAuth(directive: Directive): ReturnType<DirectiveSpec["translate"]> {
  const { args, line, scope, say } = directive;
  const lines = line.block ?? [];
  const settings = emptySettings();
  readTransport(lines, settings, directive);
  readOptions(
    lines.filter(({ name }) => name.text === "trusted_proxies"),
    settings,
    directive,
  );
  scope.site.useApi(settings.api, directive);
  const upstreams = args.flatMap((text) => readUpstream(text, directive));
  const [upstream] = upstreams;
  if (upstreams.length !== 1 || upstream === undefined || upstream.computed !== null || upstream.isSocket) {
    say("value-unsupported", "forward_auth asks one service, at a host and a port");
  }
  const uri = lines.find(({ name }) => name.text === "uri")?.args[0]?.text;
  if (uri === undefined) throw new CaddyfileError("forward_auth needs uri", line.name);
  if (!isPlain(uri)) say("value-unsupported", `uri that depends on the request: ${uri}`);
  const copied: string[] = [];
  for (const one of lines) {
    scope.site.report.count(one);
    if (one.name.text === "copy_headers") {
      copied.push(...one.args.map(({ text }) => text), ...(one.block ?? []).map(({ name }) => name.text));
    } else if (!["uri", "transport", "trusted_proxies"].includes(one.name.text))
      say("option-unsupported", `forward_auth ${one.name.text}`, one.name);
  }
  const own = copied.find((field) => ownFields.test(field.split(">").at(-1) ?? ""));
  if (own !== undefined)
    say(
      "value-unsupported",
      `${own}: fields of that name towards the backend are the gateway's own; copy to another name`,
    );
  const base =
    upstream === undefined
      ? "http://127.0.0.1"
      : urlOf(settings.isSecure && upstream.scheme === "http" ? { ...upstream, scheme: "https" } : upstream);
  return piece(directive, [
    { "forward-auth": { uri: `${base}${literal(uri)}`, ...(copied.length === 0 ? {} : { copyHeaders: copied }) } },
  ]);
}
