import type { DeclaredCheck } from "#model/declared-check.ts";
import type { Definition } from "#model/definition.ts";

/** @returns the fields, or the name of a variable that is not set */
export function headersOf(
  definition: Definition,
  env: NodeJS.ProcessEnv,
  check: DeclaredCheck,
): readonly string[] | string {
  const headers = [...check.headers];
  const { tokenVariable, keyVariable } = check;
  for (const [variable, write] of [
    [tokenVariable, (value: string) => ["Authorization", `Bearer ${value}`]],
    [keyVariable, (value: string) => [keyHeader(definition, check), value]],
  ] as const) {
    if (variable === null) continue;
    const value = env[variable] ?? "";
    if (value === "") return variable;
    headers.push(...write(value));
  }
  return headers;
}

/** Of the API that the check's path is in. */
function keyHeader({ apis }: Definition, { url }: DeclaredCheck): string {
  const path = url.startsWith("/") ? url : new URL(url).pathname;
  return apiAt(apis, path)?.subscriptionKey.header ?? "Ocp-Apim-Subscription-Key";
}

/** Where its request goes: a path to the first host of the API that has it. */
export function urlOf({ apis, edge }: Definition, { url }: DeclaredCheck): string {
  if (!url.startsWith("/")) return url;
  const host = (apiAt(apis, url)?.hosts[0] ?? "localhost").replace(/^\*/, "verify");
  return `${edge.tls === "off" ? "http" : "https"}://${host}${url}`;
}

/** The longest path that it is below. */
export function apiAt(apis: Definition["apis"], target: string): Definition["apis"][number] | undefined {
  const [path = "/"] = target.split("?");
  const within = apis.filter((api) => api.path === "/" || path === api.path || path.startsWith(`${api.path}/`));
  return within.toSorted((left, right) => right.path.length - left.path.length)[0];
}
