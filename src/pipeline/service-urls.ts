import type { Backend } from "#model/definition.ts";

/**
 * By backend: the URL that policies know it by, without a slash at its end: that of the target which is asked first.
 * Empty where none is an address of HTTP that is known now.
 */
export function serviceUrls(backends: readonly Backend[]): readonly string[] {
  return backends.map(({ targets }) => {
    const urls = targets
      .filter(({ url }) => /^https?:/i.test(url))
      .toSorted((one, other) => one.priority - other.priority);
    return (urls[0]?.url ?? "").replace(/\/+$/, "");
  });
}
