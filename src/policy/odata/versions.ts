/** Versions of OData in their order. */
const versions: readonly string[] = ["1.0", "2.0", "3.0", "4.0", "4.01"];

/** @returns its place among the versions, or undefined for what is none */
export function rankOf(version: string): number | undefined {
  // Older versions have the client's name behind a semicolon.
  const found = versions.indexOf((version.split(";", 1)[0] as string).trim());
  return found < 0 ? undefined : found;
}

/** From here on system query options may be written without their dollar. */
export const prefixFree: number = versions.indexOf("4.01");
