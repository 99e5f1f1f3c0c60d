/** What stands in for an address that is not known: a name that never leads anywhere. @see RFC 6761 §6.4 */
const nowhere = "http://unknown.invalid";

export interface BackendUrl {
  readonly url: string;
  /** What is not as it was. */
  readonly problem?: string;
}

/** The URL of a service as a backend has it: http or https, without query, and with no slash at its end. */
export function backendUrl(text: string): BackendUrl {
  const http = text.trim().replace(/^(?:ws|grpc)(s?):/i, "http$1:");
  if (/\{\{[\w.-]+\}\}/.test(http)) return { url: http.replace(/\/+$/, "") };
  const url = /^https?:\/\/[^\s\\]+$/i.test(http) ? URL.parse(http) : null;
  if (url === null || url.username !== "" || url.password !== "" || /[{}#$]/.test(url.host)) {
    return { url: nowhere, problem: "is no address to go on with: give its backend a url" };
  }
  const plain = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  return url.search === "" ? { url: plain } : { url: plain, problem: "has a query, which is left out" };
}

/** The client's Host means nothing to a backend that is called by its own name in API Management. */
export function withHost(url: string): { readonly url: string; readonly host?: string } {
  return url.startsWith("https:") ? { url } : { url, host: "upstream" };
}
