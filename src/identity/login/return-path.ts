/** Longer addresses are not kept: they travel in another address. */
const maxLength = 2048;

/** Pages of ours that people come to by a link, and that change nothing by being looked at. */
const showsAlone = /^\/\.sallyport\/access(?:\/decide|\/answer)?(?:\?|$)/;

function isOurs(path: string): boolean {
  return /^\/(?:\.|%2e)sallyport(?:[/;?]|$)/i.test(path);
}

/**
 * Where a login may lead back to: a path of this very host, whatever was asked for. What a browser could read as
 * another host (`//evil`, `/\evil`, `https:evil`, control characters that it drops) is `/`, and so is what is ours below
 * `/.sallyport`: a login that leads to a logout, or to itself, is nobody's wish. The pages about access are people's own aim.
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
  if (!/^\/(?![/\\])/.test(path)) return "/";
  return isOurs(path) && !showsAlone.test(path) ? "/" : path;
}
