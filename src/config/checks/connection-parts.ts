/** Parts of a connection string of Azure, `Name=value;…`, by name in lower case. */
export function connectionParts(text: string): ReadonlyMap<string, string> {
  return new Map(text.split(";").map((part) => splitOnce(part.trim())));
}

/** Keys are base64: there may be a = in what stands behind the first one. */
function splitOnce(part: string): readonly [string, string] {
  const at = part.indexOf("=");
  return at < 0 ? [part.toLowerCase(), ""] : [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
}
