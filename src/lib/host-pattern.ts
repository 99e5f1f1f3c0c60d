/** Whether a pattern, itself a host or `*.` for one label, stands for a host. Both in lower case. */
export function matchesHost(pattern: string, host: string): boolean {
  return pattern === host || (pattern.startsWith("*.") && host.slice(host.indexOf(".")) === pattern.slice(1));
}
