/** What is never given away, by the definition's `hide`. */
export interface Hidden {
  /** Patterns of single names: `*.bak`. */
  readonly names: readonly string[];
  /** Paths from the root, as names: `private/keys`. */
  readonly paths: readonly (readonly string[])[];
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
export function isHidden(names: readonly string[], { names: patterns, paths }: Hidden): boolean {
  return (
    names.some((name, index) => name.startsWith(".") && !(index === 0 && name === ".well-known")) ||
    names.some((name) => patterns.some((pattern) => fits(pattern, name))) ||
    paths.some((path) => path.length <= names.length && path.every((pattern, at) => fits(pattern, names[at] as string)))
  );
}

/** `*` is any run of characters. Linear in pattern times name: nothing is tried twice from the same place. */
export function fits(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === name;
  const last = rest.pop() as string;
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}
