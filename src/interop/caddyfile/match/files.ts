import type { Token } from "#interop/caddyfile/syntax/token.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { variable } from "#interop/caddyfile/words/cel.ts";
import type { MatchContext } from "./matcher.ts";

/** A look at the disk that a condition needs before it is asked. */
export interface FileLookup {
  /** Takes the path that is there, or the empty text. */
  readonly variable: string;
  /** Paths in the order of the definition's `tryFiles`; empty: the request's own. */
  readonly tries: readonly string[];
  /** Null: the folder that `root` has said by then. */
  readonly root: string | null;
}

/** The matcher `file`, in a line or in a block. */
export function fileCondition(words: readonly Token[], context: MatchContext, line: Line): string {
  const options = line.block ?? [];
  let tries = words.map(({ text }) => text);
  let root: string | null = null;
  for (const { name, args } of options) {
    const values = args.map(({ text }) => text);
    if (name.text === "try_files") tries = [...tries, ...values];
    else if (name.text === "root" && values[0] !== undefined && !/[{}]/.test(values[0])) [root] = values;
    else if (name.text !== "try_policy" || values[0] !== "first_exist")
      context.say("matcher-unsupported", `file … ${name.text} ${values.join(" ")}`);
  }
  return context.lookFor(
    candidates(tries, (message) => context.say("matcher-unsupported", message)),
    root,
  );
}

/** Paths to try as the definition writes them. @param say of what cannot be written so */
export function candidates(tries: readonly string[], say: (message: string) => void): readonly string[] {
  return tries.flatMap((one) => {
    const text = one.replaceAll("{http.request.uri.path}", "{path}");
    const rest = text.replace("{path}", "");
    if (/[{}?\\*[\]]/.test(rest) || one.startsWith("=")) {
      say(`the file ${one}`);
      return [];
    }
    return [text.startsWith("/") || text.startsWith("{path}") ? text : `/${text}`];
  });
}

/** Whether something is there. */
export function isFound(name: string): string {
  return `${variable(name)} != ""`;
}

/** Whether it is there, and no folder. */
export function isFile(name: string): string {
  return `${isFound(name)} && !${variable(name)}.endsWith("/")`;
}
