import { checkAlias, checkOption, isSystemOption } from "./options.ts";
import { OdataProblem } from "./tokens.ts";

const maxOptions = 200;

/** What is wrong with one query option. */
export interface WrongOption {
  readonly name: string;
  readonly problem: string;
}

/**
 * @param query without its question mark, encoded
 * @param prefixFree the version takes system options without their dollar
 */
export function checkQuery(query: string, prefixFree: boolean): readonly WrongOption[] {
  const seen = new Set<string>();
  const wrong: WrongOption[] = [];
  const pairs = query === "" ? [] : query.split("&", maxOptions + 1);
  if (pairs.length > maxOptions) return [{ name: "", problem: "the query has too many options" }];
  for (const pair of pairs) {
    const { name, value } = decoded(pair);
    const system = systemName(name, prefixFree);
    const problem = problemOf({ name, value, system }, seen);
    if (problem !== undefined) wrong.push({ name: name.slice(0, 100), problem });
    seen.add(system ?? name);
  }
  return wrong;
}

interface Option {
  readonly name: string;
  readonly value: string | undefined;
  /** Undefined: it is none. */
  readonly system: string | undefined;
}

function problemOf({ name, value, system }: Option, seen: ReadonlySet<string>): string | undefined {
  if (value === undefined) return "it is not well encoded";
  if (system === undefined && !name.startsWith("@")) return undefined;
  if (seen.has(system ?? name)) return "it is there more than once";
  if (system !== undefined && !isSystemOption(system)) return "OData has no such option";
  try {
    if (system === undefined) checkAlias(value);
    else checkOption(system, value);
    return undefined;
  } catch (error) {
    if (error instanceof OdataProblem) return error.message;
    throw error;
  }
}

/** Without its dollar, lower case: what a service may take it for. */
function systemName(name: string, prefixFree: boolean): string | undefined {
  if (name.startsWith("$")) return name.slice(1).toLowerCase();
  const lower = name.toLowerCase();
  return prefixFree && isSystemOption(lower) ? lower : undefined;
}

function decoded(pair: string): { readonly name: string; readonly value: string | undefined } {
  const mark = pair.indexOf("=");
  const [name, value] = mark < 0 ? [pair, ""] : [pair.slice(0, mark), pair.slice(mark + 1)];
  try {
    return { name: decode(name), value: decode(value) };
  } catch {
    return { name: "", value: undefined };
  }
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
