/** The place of a member or item below another one. @see RFC 6901 */
export function below(place: string, name: string): string {
  return `${place}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** Whether a place is one of these, or in one of them. `*` in a pattern stands for any name or number. */
export function isIgnored(place: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => isWithin(place.split("/"), pattern.split("/")));
}

function isWithin(place: readonly string[], pattern: readonly string[]): boolean {
  return pattern.length <= place.length && pattern.every((part, at) => part === "*" || part === place[at]);
}
