/** `example.com` of `a.example.com`: a wildcard stands for exactly one label. */
export function parentDomain(host: string): string {
  const dot = host.indexOf(".");
  return dot > 0 ? host.slice(dot + 1) : "";
}
