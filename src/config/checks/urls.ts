import type { Parsed } from "#config/shapes/text.ts";

/** `http(s)://host[:port][/base]` of a backend, without a slash at its end. */
export function parseBackendUrl(text: string): Parsed<string> {
  const url = readUrl(text);
  if ("problem" in url) return url;
  return { value: `${url.value.origin}${url.value.pathname.replace(/\/+$/, "")}` };
}

/** The exact `iss` of a provider's tokens: kept letter by letter, because it is compared so. */
export function parseIssuer(text: string): Parsed<string> {
  const url = readUrl(text);
  if ("problem" in url) return url;
  if (url.value.protocol === "http:" && !isLoopback(url.value.hostname)) {
    return {
      problem: `${text}: keys fetched over http can be replaced on their way`,
      fix: "use https; http is for providers on this machine only",
    };
  }
  return { value: text };
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

function readUrl(text: string): Parsed<URL> {
  // What the URL parser repairs silently (spaces, backslashes, missing slashes) is not what was written.
  const url = /^https?:\/\/[^\s\\]+$/i.test(text) ? URL.parse(text) : null;
  if (url === null) return { problem: "this is not an absolute http or https URL", fix: "write https://host/path" };
  if (url.username !== "" || url.password !== "") {
    return { problem: "the URL holds credentials", fix: "leave out user:password@", secret: true };
  }
  if (/[?#]/.test(text)) {
    // A query may be a signed one.
    return { problem: "the URL has a query or a fragment", fix: "leave out ? and #, and what follows", secret: true };
  }
  if (url.hostname.includes("*")) return { problem: `${text}: no wildcard can stand here` };
  return { value: url };
}
