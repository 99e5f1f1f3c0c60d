import { isDeepStrictEqual } from "node:util";
import { parseDocument } from "yaml";
import { deleteEntry, type EntryProblem, setEntry } from "#notation/yaml/edit-entry.ts";

type Api = Readonly<Record<string, unknown>>;

/** Makes a revision the one in use: `current: false` moves to the one that was. Everything else stays as it is written. */
export function makeCurrent(text: string, name: string): string | EntryProblem {
  const { apis } = (parseDocument(text).toJS() ?? {}) as { readonly apis?: Readonly<Record<string, Api>> };
  const api = apis?.[name];
  if (apis === undefined || api === undefined) return problem(`there is no API ${name}`);
  if (api["revision"] === undefined) return problem(`the API ${name} is no revision: it has no number`);
  if (api["current"] !== false) return text;
  const before = Object.keys(apis).filter((one) => one !== name && isInPlaceOf(apis[one] as Api, api));
  const moved = before.reduce<string | EntryProblem>(
    (edited, one) => (typeof edited === "string" ? setEntry(edited, ["apis", one, "current"], "false") : edited),
    text,
  );
  return typeof moved === "string" ? deleteEntry(moved, ["apis", name, "current"]) : moved;
}

const place = ["hosts", "path", "versionSet", "version"] as const;

function isInPlaceOf(other: Api, api: Api): boolean {
  return other["current"] !== false && place.every((key) => isDeepStrictEqual(other[key], api[key]));
}

function problem(text: string): EntryProblem {
  return { kind: "unknown", problem: text };
}
