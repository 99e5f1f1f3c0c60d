import { isPlain, literal } from "#interop/caddyfile/words/text.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { type Directive, type DirectiveSpec, piece } from "#interop/caddyfile/site/scope.ts";
import { choose } from "#interop/caddyfile/target/policy.ts";
import { isFile, isFound } from "#interop/caddyfile/match/files.ts";
import type { Piece } from "#interop/caddyfile/site/piece.ts";
import { both } from "#interop/caddyfile/words/cel.ts";
import { statusOf } from "./answers.ts";
import { sizeBytes } from "./values.ts";

export const contentDirectives: Readonly<Record<string, DirectiveSpec>> = {
  root: {
    matched: true,
    maps: "`root` of the files that follow",
    translate: (directive) => {
      const { scope, args, matcher } = directive;
      const [path = ""] = args;
      const isComputed = matcher.condition !== "true" || !isPlain(path);
      scope.root.computed ||= isComputed;
      if (!isComputed) {
        scope.root.path = literal(path);
        scope.root.computed = false;
      }
      return piece(directive, [], { group: "root" });
    },
  },
  file_server: { matched: true, maps: "`files`", translate: fileServer },
  encode: { matched: true, maps: "`compress` of the API", translate: encode },
  request_body: { matched: true, maps: "`limit-body`", translate: requestBody },
};

function fileServer(directive: Directive): ReturnType<DirectiveSpec["translate"]> {
  const { scope, args, line, say } = directive;
  const lines = line.block ?? [];
  const of = (name: string): readonly Line[] => lines.filter((one) => one.name.text === name);
  const words = (name: string): readonly string[] => of(name).flatMap((one) => one.args.map(({ text }) => text));
  for (const one of lines) {
    scope.site.report.count(one);
    if (one.name.text === "browse") sayOfBrowse(one, directive);
    if (
      [
        "root",
        "fs",
        "index",
        "hide",
        "precompressed",
        "status",
        "browse",
        "disable_canonical_uris",
        "pass_thru",
      ].includes(one.name.text)
    )
      continue;
    if (["etag_file_extensions"].includes(one.name.text)) say("own-way", one.name.text, one.name);
    else say("caddyfile-invalid", `file_server has no option ${one.name.text}`, one.name);
  }
  say("stricter", "file_server answers GET and HEAD alone, as newer versions of Caddy do");
  const isListed = args[0] === "browse" || of("browse").length > 0;
  if (isListed)
    say(
      "looks-different",
      "file_server browse: the page of a folder looks otherwise; as JSON it says the same, but for permissions",
    );
  if (of("fs").length > 0) say("option-unsupported", "file_server fs", of("fs")[0]?.name);
  const hide = words("hide").map((one) => one.replace(/^\.\//, "").replace(/^\//, ""));
  if (hide.some((one) => !isPlain(one))) say("value-unsupported", "hide that depends on the request");
  const index = words("index");
  const isCompressed = of("precompressed").length > 0;
  const formats = words("precompressed");
  const settings = {
    root: words("root")[0] ?? scope.site.rootOf(directive),
    ...(index.length === 0 ? {} : { index }),
    ...(isCompressed ? { precompressed: formats.length === 0 ? ["br", "zstd", "gzip"] : formats } : {}),
    ...(hide.length === 0 ? {} : { hide }),
    ...(isListed ? { browse: true } : {}),
    ...(of("disable_canonical_uris").length === 0 ? {} : { canonical: false }),
  };
  const name = scope.site.draft.ending("files", { files: settings });
  if (scope.moment === "response") say("directive-unsupported", "file_server, where a response is there already");
  const through = passesThrough(line) ? onlyWhatIsThere(directive, settings, index) : {};
  const [status] = words("status");
  const outbound = status === undefined ? {} : { outbound: withStatus(status, directive) };
  return piece(directive, [scope.site.handTo({ ending: name }), ...scope.site.mark()], {
    ends: "always",
    hands: true,
    ...outbound,
    ...through,
  });
}

function passesThrough({ block }: Line): boolean {
  return (block ?? []).some(({ name }) => name.text === "pass_thru");
}

/** `pass_thru`: what is not there is left to what follows. */
function onlyWhatIsThere(
  directive: Directive,
  { root, hide }: { readonly root: string; readonly hide?: readonly string[] },
  index: readonly string[],
): Partial<Piece> {
  const { scope, matcher } = directive;
  const pages = index.length === 0 ? ["index.html", "index.txt"] : index;
  // A folder counts where it is listed, or has an index: those go first.
  const tries = [...pages.map((page) => `{path}/${page}`), "{path}"];
  const isListed =
    directive.args[0] === "browse" || (directive.line.block ?? []).some(({ name }) => name.text === "browse");
  const variable = scope.site.fileVariable([...tries, ...(hide ?? [])], root);
  const ending = scope.site.draft.ending("files", {
    files: { root, tryFiles: isListed ? [...tries, "{path}/"] : tries, ...(hide === undefined ? {} : { hide }) },
  });
  return {
    matcher: { ...matcher, condition: both([matcher.condition, isListed ? isFound(variable) : isFile(variable)]) },
    before: [{ "find-file": { ending, outputVariable: variable } }],
  };
}

/** A page of one's own, and other orders, are not there. */
function sayOfBrowse({ name, args, block }: Line, { say }: Directive): void {
  if (args.length > 0)
    say("value-unsupported", "file_server browse with a template: folders have a page of their own", name);
  for (const one of block ?? []) {
    if (one.name.text === "file_limit")
      say("stricter", "file_server browse file_limit: 2000 names of a folder are shown", one.name);
    else say("option-unsupported", `file_server browse ${one.name.text}`, one.name);
  }
}

/** What is found has another status. @returns the rule of the response that says so */
function withStatus(status: string, directive: Directive): string {
  const { site, moment } = directive.scope;
  if (moment !== "request") directive.say("option-unsupported", "file_server status, where an error has one");
  const id = site.nextOutbound();
  const policies = [{ "set-status": { code: statusOf(status, directive) } }];
  site.addOutbound(id, [choose([{ condition: "response.status == 200", policies }])], "proxy");
  return id;
}

const codings: Readonly<Record<string, string>> = { gzip: "gzip", zstd: "zstd", br: "br" };

function encode(directive: Directive): ReturnType<DirectiveSpec["translate"]> {
  const { scope, args, line, matcher, say } = directive;
  const lines = line.block ?? [];
  const named = [...args, ...lines.map(({ name }) => name.text).filter((name) => name in codings)];
  for (const one of lines) {
    const { name } = one;
    scope.site.report.count(one);
    if (name.text in codings) {
      if (one.args.length > 0 || one.block !== null)
        say("performance-hint", `${name.text}: how much work it is worth is balanced`, name);
    } else if (!["minimum_length", "match", "prefer"].includes(name.text))
      say("caddyfile-invalid", `encode has no option ${name.text}`, name);
  }
  const size = sizeBytes(lines.find(({ name }) => name.text === "minimum_length")?.args[0]?.text) ?? 512;
  const types = matchTypes(lines, directive);
  if (matcher.condition !== "true" || scope.invoking.length > 0)
    say("wider", "encode holds for all responses of the site", line.name);
  scope.site.compress({
    codings: named.length === 0 ? ["zstd", "gzip"] : [...new Set(named.filter((one) => one in codings))],
    minSize: `${size}B`,
    ...(types.length === 0 ? {} : { types }),
  });
  return piece(directive, []);
}

function matchTypes(lines: readonly Line[], { say }: Directive): readonly string[] {
  const match = lines
    .filter(({ name }) => name.text === "match")
    .flatMap(
      ({ name, args, block }) =>
        block ?? (args[0] === undefined ? [] : [{ name: args[0], args: args.slice(1), block: null, at: name }]),
    );
  return match.flatMap(({ name, args }) => {
    const [field, value] = args;
    if (name.text === "header" && field?.text.toLowerCase() === "content-type" && value !== undefined)
      return [value.text.replace(/;.*$/, "")];
    say("wider", `encode … match ${name.text}: media types alone decide`, name);
    return [];
  });
}

function requestBody(directive: Directive): ReturnType<DirectiveSpec["translate"]> {
  const { line, scope, say } = directive;
  const policies = (line.block ?? []).flatMap((one) => {
    scope.site.report.count(one);
    if (one.name.text === "max_size") {
      const bytes = sizeBytes(one.args[0]?.text);
      if (bytes !== undefined) return [{ "limit-body": `${bytes}B` }];
    }
    if (one.name.text === "read_timeout" || one.name.text === "write_timeout")
      say("own-way", `request_body ${one.name.text}`, one.name);
    else say("option-unsupported", `request_body ${one.name.text}`, one.name);
    return [];
  });
  return piece(directive, policies);
}
