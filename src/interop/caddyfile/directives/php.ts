import type { Token } from "#interop/caddyfile/syntax/token.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { isPlain, literal } from "#interop/caddyfile/words/text.ts";
import { type Directive, type DirectiveSpec, piece } from "#interop/caddyfile/site/scope.ts";
import type { Piece } from "#interop/caddyfile/site/piece.ts";
import { emptySettings, readOptions } from "./read-options.ts";
import { fastCgiTransport, type ProxySettings } from "./proxy-options.ts";
import { headerRules, requestChange } from "./header-rules.ts";
import { responseRoutes } from "./responses.ts";
import { readUpstream, type Upstream } from "./upstreams.ts";

export const phpDirectives: Readonly<Record<string, DirectiveSpec>> = {
  php_fastcgi: { matched: true, maps: "`fastcgi`", translate: phpFastCgi },
};

function phpFastCgi(directive: Directive): ReturnType<DirectiveSpec["translate"]> {
  const { line, args, scope } = directive;
  const lines = line.block ?? [];
  const settings = emptySettings();
  const option = (name: string): readonly Token[] | undefined => lines.find((one) => one.name.text === name)?.args;
  for (const one of lines.filter(isOwn)) {
    scope.site.report.count(one);
    fastCgiTransport[one.name.text]?.(one, settings, directive);
  }
  readOptions(
    lines.filter((one) => !isOwn(one)),
    settings,
    directive,
  );
  const index = option("index")?.[0]?.text ?? "index.php";
  const tries = option("try_files")?.map(({ text }) => text) ?? scope.tries.current;
  scope.tries.current = null;
  const fallback = tries === null ? (index === "off" ? "none" : `/${index}`) : fallbackOf(tries, directive);
  const upstreams = args.flatMap((text) => readUpstream(text, directive));
  const script = index === "off" ? "index.php" : index;
  return fastCgi(directive, upstreams, settings, lines, { index: script, fallback });
}

function isOwn({ name }: Line): boolean {
  return name.text in fastCgiTransport || name.text === "index" || name.text === "try_files";
}

/** `{path} {path}/index.php index.php`: what comes last answers for everything else. */
function fallbackOf(tries: readonly string[], { say }: Directive): string {
  const last = tries.at(-1) ?? "";
  const usual = tries
    .slice(0, -1)
    .every((one) => /^\{(?:path|http\.request\.uri\.path)\}(?:\/[\w.-]+\.php)?$/.test(one));
  if (!usual) say("value-unsupported", `try_files ${tries.join(" ")}`);
  if (/^=\d{3}$/.test(last)) return "none";
  if (isPlain(last)) return `/${literal(last).replace(/^\//, "").replace(/\?.*$/, "")}`;
  say("value-unsupported", `try_files ends with ${last}`);
  return "none";
}

/** A folder whose scripts an application server runs. */
export function fastCgi(
  directive: Directive,
  upstreams: readonly Upstream[],
  settings: ProxySettings,
  lines: readonly Line[],
  site: { readonly index: string; readonly fallback: string } = { index: "index.php", fallback: "none" },
): Piece {
  const { scope, say } = directive;
  const { backend, api, root, split, env, health, passive, retries } = settings;
  const [upstream] = upstreams;
  if (Object.keys({ ...health, ...passive, ...retries }).length > 0) {
    say("option-unsupported", "health checks and retries of a FastCGI server");
  }
  const [before, outbound] = headerRules(lines, directive);
  const folder = root ?? scope.site.rootOf(directive);
  if (upstreams.length !== 1 || upstream === undefined || upstream.computed !== null) {
    say("value-unsupported", "FastCGI has one server, which does not depend on the request");
  }
  if (Object.values(env).some((value) => !isPlain(String(value))))
    say("value-unsupported", "a variable for scripts that depends on the request");
  const fastcgi = {
    server: upstream?.isSocket === true ? `unix:${upstream.address}` : (upstream?.address ?? ""),
    root: folder,
    ...(site.index === "index.php" ? {} : { index: site.index }),
    ...(site.fallback === `/index.php` ? {} : { fallback: site.fallback }),
    ...(split.length === 0 ? {} : { extensions: split }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(backend["connectTimeout"] === undefined ? {} : { connectTimeout: backend["connectTimeout"] }),
  };
  say("stricter", "only scripts that are there below the root are run, and other files of it are served");
  scope.site.useApi(api, directive);
  const name = scope.site.draft.ending("php", { fastcgi });
  responseRoutes(lines, directive, outbound);
  const policies = [
    ...lines.flatMap((one) => requestChange(one, directive)),
    ...before,
    scope.site.handTo({ ending: name }),
    ...scope.site.mark(),
  ];
  return piece(directive, policies, { ends: "always", hands: true, outbound });
}
