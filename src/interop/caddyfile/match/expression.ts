import { textToCel } from "#interop/caddyfile/words/text.ts";
import { celText } from "#interop/caddyfile/words/cel.ts";
import type { Token } from "#interop/caddyfile/syntax/token.ts";
import type { MatchContext } from "./matcher.ts";

/** Matchers that expressions may call, each with texts as its arguments. */
const callable: ReadonlySet<string> = new Set([
  "path",
  "host",
  "method",
  "protocol",
  "path_regexp",
  "header_regexp",
  "vars_regexp",
  "remote_ip",
  "client_ip",
]);

/**
 * Caddy's CEL: placeholders stand in it bare, and its matchers are functions. What is none of either is CEL here, too,
 * and is checked when the definition is.
 */
export function translateExpression(source: string, context: MatchContext): string {
  let failed = false;
  const refuse = (what: string): string => {
    failed = true;
    context.say("matcher-unsupported", `expression: ${what}`);
    return "false";
  };
  const pattern =
    /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|\{([^{}\s"']+)\}(\s*(?:==|!=|<=|>=|<|>)\s*(-?\d+(?:\.\d+)?))?|\b([a-z_]+)\(((?:[^()"'`]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)*)\)/g;
  const translated = source.replace(
    pattern,
    (
      whole: string,
      text: string | undefined,
      name: string | undefined,
      compared: string | undefined,
      _number: string | undefined,
      called: string | undefined,
      args: string = "",
    ) => {
      if (text !== undefined) return celText(unquote(text));
      if (name !== undefined) return placeholderIn(name, compared, context);
      if (called === "query" || called === "header") return pairsOf(called, args, context) ?? refuse(whole);
      if (called === "file") return refuse("file() looks into folders");
      return called !== undefined && callable.has(called) ? callOf(called, args, context) : whole;
    },
  );
  if (!failed && /\b(?:vars|dial|tls)\(/.test(translated)) return refuse(translated);
  return failed ? "false" : translated;
}

/** Against a number it is one: Caddy's placeholders keep their types, and all of ours are texts. */
function placeholderIn(name: string, compared: string | undefined, { names }: MatchContext): string {
  const cel = textToCel(`{${name}}`, names);
  if (compared === undefined) return cel;
  return cel === "string(response.status)"
    ? `response.status${compared}`
    : `${cel}${compared.replace(/(-?\d+(?:\.\d+)?)$/, '"$1"')}`;
}

function unquote(text: string): string {
  const inner = text.slice(1, -1);
  return text.startsWith("`") ? inner : inner.replace(/\\(.)/g, "$1");
}

function stringsIn(args: string): readonly string[] {
  return [...args.matchAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g)].map(([one]) => unquote(one));
}

function tokensOf(texts: readonly string[], context: MatchContext): readonly Token[] {
  return texts.map((text) => ({ text, quote: '"', first: false, ...context.place }));
}

function callOf(name: string, args: string, context: MatchContext): string {
  const kind = context.kinds[name];
  const words = tokensOf(stringsIn(args), context);
  const line = { name: { text: name, quote: "", first: true, ...context.place } as const, args: words, block: null };
  return kind === undefined ? "false" : `(${kind([words], context, line)})`;
}

/** `{'Name': 'value'}` or `{'Name': ['a', 'b']}`. */
function pairsOf(name: "query" | "header", args: string, context: MatchContext): string | undefined {
  const body = /^\s*\{([\s\S]*)\}\s*$/.exec(args)?.[1];
  const pairs = [...(body ?? "").matchAll(/("[^"]*"|'[^']*'|`[^`]*`)\s*:\s*(\[[^\]]*\]|"[^"]*"|'[^']*'|`[^`]*`)/g)];
  if (body === undefined || pairs.length === 0) return undefined;
  const lines = pairs.flatMap(([, key = "", values = ""]) => stringsIn(values).map((value) => [unquote(key), value]));
  const words = name === "query" ? lines.map(([key, value]) => [`${key ?? ""}=${value ?? ""}`]) : lines;
  const tokens = words.map((line) => tokensOf(line, context));
  const [first = []] = tokens;
  return `(${context.kinds[name]?.(tokens, context, { name: { text: name, quote: "", first: true, ...context.place }, args: first, block: null }) ?? "false"})`;
}
