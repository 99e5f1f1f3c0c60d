/** Longer addresses are not kept: they travel in another address. */
const maxLength = 2048;

/**
 * Where a login may lead back to: a path of this very host, whatever was asked for. What a browser could read as
 * another host (`//evil`, `/\evil`, `https:evil`, control characters that it drops) is `/`, and so is what is ours below
 * `/.sallyport`: a login that leads to a logout, or to itself, is nobody's wish.
 *
 * @see CWE-601, https://url.spec.whatwg.org/#concept-basic-url-parser
 */
export function returnPath(wanted: string | null): string {
  if (wanted === null || wanted.length > maxLength || !/^\/[\x21-\x5b\x5d-\x7e]*$/.test(wanted)) return "/";
  const base = "https://host.invalid";
  const url = URL.parse(wanted, base);
  if (url === null || url.origin !== base || url.username !== "" || url.password !== "") return "/";
  // What the parser has made of it: dot segments are gone, and cannot make two slashes of one later.
  const path = url.pathname + url.search;
  if (!/^\/(?![/\\])/.test(path) || /^\/(?:\.|%2e)sallyport(?:[/;?]|$)/i.test(path)) return "/";
  return path;
}
