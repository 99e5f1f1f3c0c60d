import { isIP } from "node:net";
import type { Token } from "#interop/caddyfile/syntax/token.ts";
import { both, celText, either, negated, variable } from "#interop/caddyfile/words/cel.ts";
import { isPlain, textToCel } from "#interop/caddyfile/words/text.ts";
import { translateExpression } from "./expression.ts";
import { fileCondition } from "./files.ts";
import type { MatchContext, TranslateMatcher } from "./matcher.ts";
import { hostCondition, pathCondition, valueCondition } from "./paths.ts";

const privateRanges = ["192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8", "127.0.0.1/8", "fd00::/8", "::1"];

/** By name: how each of Caddy's matchers is a condition. What is not here is not supported. */
export const matcherKinds: Readonly<Record<string, TranslateMatcher>> = {
  path: (lines, context) => pathCondition(texts(lines), context),
  host: (lines, context) => hostCondition(texts(lines), context),
  method: (lines, context) =>
    oneOf(
      "request.sentMethod",
      texts(lines).map((method) => method.toUpperCase()),
      context,
    ),
  protocol: (lines, context) => either(texts(lines).map((name) => protocolCondition(name, context))),
  header: (lines, context) => headersCondition(lines, context, "request.headers"),
  query: (lines, context) => queryCondition(texts(lines), context),
  path_regexp: ([words = []], context) => regexpCondition("request.sentPath", words, context),
  header_regexp: (lines, context) => both(lines.map((words) => headerRegexp(words, context))),
  vars: (lines, context) => both(lines.map((words) => varsCondition(words, context))),
  vars_regexp: ([words = []], context) => varsRegexp(words, context),
  remote_ip: (lines, context) => networksCondition("request.peerAddress", texts(lines), context),
  client_ip: (lines, context) => networksCondition("request.clientAddress", texts(lines), context),
  expression: ([words = []], context) => translateExpression(rawText(words), context),
  file: ([words = []], context, line) => fileCondition(words, context, line),
  not: (_lines, context, line) => {
    if (line.block !== null) return negated(context.nested(line.block));
    const [name, ...args] = line.args;
    return name === undefined ? "true" : negated(context.nested([{ name, args, block: null }]));
  },
};

/** Several words are CEL as it is written, quotes and all; a single one is what stands in its quotes. */
function rawText(words: readonly Token[]): string {
  const [only, ...more] = words;
  if (only !== undefined && more.length === 0) return only.text;
  return words.map(({ text, quote }) => (quote === '"' || quote === "`" ? quote + text + quote : text)).join(" ");
}

function texts(lines: readonly (readonly Token[])[]): readonly string[] {
  return lines.flat().map(({ text }) => text);
}

function oneOf(subject: string, values: readonly string[], { names }: MatchContext): string {
  const list = values.map((value) => textToCel(value, names));
  return list.length === 1 ? `${subject} == ${list[0] ?? ""}` : `${subject} in [${list.join(", ")}]`;
}

function protocolCondition(name: string, { say }: MatchContext): string {
  switch (name.toLowerCase()) {
    case "https":
    case "http":
      return `request.scheme == ${celText(name.toLowerCase())}`;
    case "grpc":
      return 'request.headers[?"content-type"].orValue("").startsWith("application/grpc")';
    case "http/2":
      return 'request.protocol == "HTTP/2"';
    case "http/2+":
      return 'request.protocol == "HTTP/2"';
    case "http/1.1":
    case "http/1.0":
      return `request.protocol == ${celText(name.toUpperCase())}`;
    case "http/1.1+":
      return 'request.protocol != "HTTP/1.0"';
    default:
      say("matcher-unsupported", `protocol ${name} is not served`);
      return "false";
  }
}

/** Values of one field are alternatives; several fields must all fit. `!Name`: it is not there. */
export function headersCondition(lines: readonly (readonly Token[])[], context: MatchContext, map: string): string {
  const byField = new Map<string, string[]>();
  const absent: string[] = [];
  for (const [field, value] of lines) {
    const name = field?.text.toLowerCase() ?? "";
    if (name.startsWith("!")) absent.push(`!(${celText(name.slice(1))} in ${map})`);
    else byField.set(name, [...(byField.get(name) ?? []), value?.text ?? "*"]);
  }
  const fields = [...byField].map(([name, values]) => {
    const subject = `${map}[?${celText(name)}].orValue("")`;
    return either(
      values.map((value) => (value === "*" ? `${celText(name)} in ${map}` : valueCondition(subject, value, context))),
    );
  });
  return both([...absent, ...fields]);
}

function queryCondition(pairs: readonly string[], { names, say }: MatchContext): string {
  if (pairs.length === 0 || (pairs.length === 1 && pairs[0] === "")) return 'request.queryString == ""';
  const byKey = new Map<string, string[]>();
  for (const pair of pairs) {
    const mark = pair.indexOf("=");
    if (mark < 0) {
      say("caddyfile-invalid", `query takes name=value, not ${pair}`);
      return "false";
    }
    const key = pair.slice(0, mark);
    byKey.set(key, [...(byKey.get(key) ?? []), pair.slice(mark + 1)]);
  }
  return both(
    [...byKey].map(([key, values]) => {
      const name = textToCel(key, names);
      const any = values.map((value) =>
        value === "*"
          ? `${name} in request.query`
          : `request.query[?${name}].orValue("") == ${textToCel(value, names)}`,
      );
      const wanted = either(any);
      return values.includes("") ? both([`${name} in request.query`, wanted]) : wanted;
    }),
  );
}

/** `[name] pattern` over a text; groups that somebody asks for become variables where it holds. */
function regexpCondition(subject: string, words: readonly Token[], context: MatchContext): string {
  const [first, second] = words;
  const [name, pattern] = second === undefined ? [undefined, first] : [first?.text, second];
  if (pattern === undefined) {
    context.say("caddyfile-invalid", "the regular expression is missing");
    return "false";
  }
  addCaptures(name, pattern.text, subject, context);
  return `${subject}.matches(${celText(pattern.text)})`;
}

function addCaptures(name: string | undefined, pattern: string, subject: string, context: MatchContext): void {
  for (const wanted of context.wantedGroups) {
    const dot = wanted.lastIndexOf(".");
    const [of, group] = dot < 0 ? ["", wanted] : [wanted.slice(0, dot), wanted.slice(dot + 1)];
    // Groups of the matcher that was used last are there without its name, too; its set's name counts as well.
    if (of !== "" && of !== name && of !== context.setName) continue;
    const index = /^\d+$/.test(group) ? group : pattern.includes(`P<${group}>`) ? celText(group) : undefined;
    if (index === undefined || Number(index) > groupsIn(pattern)) continue;
    context.addCapture({ variable: `re.${wanted}`, cel: `${subject}.capture(${celText(pattern)}, ${index})` });
  }
}

function groupsIn(pattern: string): number {
  return pattern.replace(/\\./g, "").match(/\((?!\?(?!P<|<))/g)?.length ?? 0;
}

function headerRegexp(words: readonly Token[], context: MatchContext): string {
  const named = words.length > 2 ? words : [undefined, ...words];
  const [name, field, pattern] = named;
  const subject = `request.headers[?${celText(field?.text.toLowerCase() ?? "")}].orValue("")`;
  return regexpCondition(
    subject,
    [name, pattern].filter((one) => one !== undefined),
    context,
  );
}

/** A placeholder, or the name of a variable of `vars`. */
function subjectOf(text: string, { names }: MatchContext): string {
  return isPlain(text) ? `string(${variable(`vars.${text}`)})` : textToCel(text, names);
}

function varsCondition([subject, ...values]: readonly Token[], context: MatchContext): string {
  if (subject === undefined) return "false";
  return oneOf(
    subjectOf(subject.text, context),
    values.map(({ text }) => text),
    context,
  );
}

function varsRegexp(words: readonly Token[], context: MatchContext): string {
  const [name, subject, pattern] = words.length > 2 ? words : [undefined, ...words];
  if (subject === undefined) return "false";
  return regexpCondition(
    subjectOf(subject.text, context),
    [name, pattern].filter((one) => one !== undefined),
    context,
  );
}

export function networksCondition(
  subject: string,
  ranges: readonly string[],
  { say }: Pick<MatchContext, "say">,
): string {
  const all = ranges
    .filter((range) => range !== "forwarded")
    .flatMap((range) => (range === "private_ranges" ? privateRanges : [range]));
  if (ranges.includes("forwarded")) {
    say("matcher-unsupported", "forwarded believes whatever a client writes: use client_ip with trusted_proxies");
  }
  const good = all.filter((range) => {
    const [address = "", bits = "0"] = range.split("/");
    if (isIP(address) !== 0 && /^\d+$/.test(bits)) return true;
    say("matcher-unsupported", `${range} is no address and no range`);
    return false;
  });
  return either(good.map((range) => `${subject}.inNetwork(${celText(range)})`));
}
