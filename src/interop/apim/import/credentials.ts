import type { Setting, Settings } from "./draft.ts";
import { tokenOf } from "./environments.ts";
import type { Import } from "./import.ts";
import { idOf, plainName, variableName } from "./names.ts";
import type { Information, Resource } from "./information.ts";

/** One value, in one of the places that credentials have. */
type Place = readonly ["header" | "query", string] | readonly ["authorization", "parameter"];

/**
 * What a backend is shown: header fields, query parameters, Authorization. A text that named values are in stays as
 * it is. What is written out becomes a file of its own, as keys do; what differs between environments, or is filled
 * in by a deployment, is looked for in the environment.
 */
export function importCredentials(context: Import, resource: Resource, name: string): Settings {
  const { id, information } = resource;
  const { environments } = context;
  const all = environments.names.map((environment) =>
    information.with(environments.override(environment, "backends", id)).inner("credentials"),
  );
  const values = (place: Place): readonly Setting[] => valuesOf(context, resource, name, place, all);
  const scheme = all.map((one) => one.inner("authorization").text("scheme")).find((one) => one !== undefined);
  const [parameter] = scheme === undefined ? [] : values(["authorization", "parameter"]);
  return {
    headers: mapOf(all, "header", values),
    query: mapOf(all, "query", values),
    authorization: scheme === undefined || parameter === undefined ? undefined : { scheme, parameter },
    tls: shownCertificate(context, resource, name, all),
  };
}

/** What a backend is shown over TLS: one certificate for all environments, whose content may differ. */
function shownCertificate(
  { certificates, report }: Import,
  { path }: Resource,
  name: string,
  all: readonly Information[],
): Setting | undefined {
  const named = all.flatMap((one) => one.texts("certificateIds").map((id) => certificates.useId(idOf(id), path)));
  const written = all.flatMap((one) => one.texts("certificate").map((text) => certificates.useThumbprint(text, path)));
  const [first, ...others] = new Set([...named, ...written].filter((one) => one !== undefined));
  if (others.length > 0) report.refuse(path, `${name} shows several certificates: here it shows ${first}`);
  return first === undefined ? undefined : { clientCertificate: first };
}

function mapOf(
  all: readonly Information[],
  kind: "header" | "query",
  values: (place: Place) => readonly Setting[],
): Setting | undefined {
  const names = new Set(all.flatMap((one) => one.inner(kind).names()));
  const named = [...names].map((name) => [name, values([kind, name])] as const);
  const kept = named.filter(([, list]) => list.length > 0);
  if (kept.length === 0) return undefined;
  return Object.fromEntries(kept.map(([name, list]) => [name, list.length === 1 ? (list[0] as Setting) : list]));
}

function valuesOf(
  context: Import,
  { path }: Resource,
  name: string,
  place: Place,
  all: readonly Information[],
): readonly Setting[] {
  const lists = all.map((one) => textsAt(one, place));
  const longest = lists.reduce((most, one) => (one.length > most.length ? one : most), []);
  return longest.map((text, index) => {
    const label = [name, place[0], place[0] === "authorization" ? "" : place[1], index === 0 ? "" : `${index + 1}`];
    const words = label.filter((word) => word !== "").join("-");
    const token = tokenOf(text);
    if (token !== undefined || lists.some((other) => other[index] !== text)) {
      const variable = token ?? variableName(words);
      context.report.need(variable, path, `credential of ${name} (${place[0]} ${place[1]})`);
      return { env: variable };
    }
    return text.includes("{{") ? text : secretFile(context, words, text);
  });
}

function textsAt(credentials: Information, [kind, name]: Place): readonly string[] {
  const inner = credentials.inner(kind);
  if (kind === "authorization") return [inner.text(name) ?? ""].filter((text) => text !== "");
  const single = inner.text(name);
  return single === undefined ? inner.texts(name) : [single];
}

function secretFile({ draft }: Import, words: string, text: string): Setting {
  const file = `secrets/${plainName(words)}.credential`;
  draft.secrets.set(file, `${text}\n`);
  return { file: `./${file}` };
}
