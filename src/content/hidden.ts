import { fitsPattern } from "#lib/fits-pattern.ts";

/** What is never given away, by the definition's `hide`. */
export interface Hidden {
  /** Patterns of single names: `*.bak`. */
  readonly names: readonly string[];
  /** Paths from the root, as names: `private/keys`. */
  readonly paths: readonly (readonly string[])[];
  /** Names that start with a dot are given as well; absent: they are not. */
  readonly dots?: true;
}

export function readHidden(hide: readonly string[]): Hidden {
  const paths = hide.filter((pattern) => pattern.includes("/"));
  return {
    names: hide.filter((pattern) => !pattern.includes("/")),
    paths: paths.map((path) => path.split("/").filter((name) => name !== "")),
  };
}

/**
 * Names that start with a dot are for the owner of the folder (`.git`, `.env`, `.htpasswd`), but for `.well-known`
 * at the root. @see RFC 8615
 */
export function isHidden(names: readonly string[], { names: patterns, paths, dots }: Hidden): boolean {
  return (
    (dots !== true && names.some((name, index) => name.startsWith(".") && !(index === 0 && name === ".well-known"))) ||
    names.some((name) => patterns.some((pattern) => fitsPattern(pattern, name))) ||
    paths.some(
      (path) => path.length <= names.length && path.every((pattern, at) => fitsPattern(pattern, names[at] as string)),
    )
  );
}
