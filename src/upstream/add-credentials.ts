import type { BackendCredential, BackendCredentials } from "#model/definition.ts";
import { HeaderList } from "#model/header-list.ts";

/** Puts a backend's own credentials where the client's values of the same names were. Neither input is changed. */
export interface AddCredentials {
  /** @param raw flat `[name, value, …]` */
  toFields(raw: readonly string[]): readonly string[];
  toQuery(query: string): string;
}

export function credentialsAdder({ headers, query }: BackendCredentials): AddCredentials {
  const names = new Set(query.map(({ name }) => name.toLowerCase()));
  const own = query.map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
  return {
    toFields: (raw) => (headers.length === 0 ? raw : withFields(raw, headers)),
    toQuery: (before) => {
      if (own === "") return before;
      const rest = withoutNames(before, names);
      return rest === "" ? own : `${rest}&${own}`;
    },
  };
}

function withFields(raw: readonly string[], own: readonly BackendCredential[]): readonly string[] {
  const fields = new HeaderList([...raw]);
  for (const { name } of own) fields.delete(name.toLowerCase());
  for (const { name, value } of own) fields.append(name, value);
  return fields.raw;
}

/**
 * Names are compared as the most lenient server reads them: where case does not count, a second spelling of the
 * client's would stand beside the credential, or before it.
 */
function withoutNames(query: string, names: ReadonlySet<string>): string {
  if (query === "") return query;
  const isOther = (pair: string): boolean => !names.has(nameOf(pair).toLowerCase());
  return query.split("&").filter(isOther).join("&");
}

/** What cannot be decoded is compared as it is written. */
function nameOf(pair: string): string {
  const equals = pair.indexOf("=");
  const name = (equals < 0 ? pair : pair.slice(0, equals)).replaceAll("+", " ");
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
