import { HeaderList } from "#model/header-list.ts";
import type { RouteNode, RouteVersions } from "#model/snapshot.ts";

/** Where a request says which version of an API it wants. */
export interface Sent {
  readonly headers: HeaderList;
  /** Raw, without `?`. */
  readonly query: string;
  /** Of the listener; absent: of none. */
  readonly localPort?: number;
}

export const nothingSent: Sent = { headers: new HeaderList(), query: "" };

/**
 * The version that a request is for. One that asks for a version that is not there, or for two, gets none: which one
 * the upstream would take for meant cannot be told.
 */
export function versionWanted({ by, parameter, nodes, fallback }: RouteVersions, sent: Sent): RouteNode | null {
  const values =
    by === "header" ? headerValues(sent.headers, parameter) : new URLSearchParams(sent.query).getAll(parameter);
  const [name] = values;
  if (name === undefined) return fallback;
  return values.length === 1 ? (nodes.get(name) ?? null) : null;
}

function headerValues(headers: HeaderList, name: string): readonly string[] {
  const value = headers.joined(name);
  return value === undefined ? [] : [value];
}
