import type { HeaderList } from "#model/header-list.ts";

/**
 * Value of a field that may be there once.
 * @returns undefined when absent; null when there are several fields of that name, whichever values they have
 */
export function soleField(headers: HeaderList, lowerName: string): string | undefined | null {
  const { raw } = headers;
  let found: string | undefined;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    if (name.length !== lowerName.length || (name !== lowerName && name.toLowerCase() !== lowerName)) continue;
    if (found !== undefined) return null;
    found = raw[at + 1] as string;
  }
  return found;
}
