import type { Parsed } from "#config/shapes/text.ts";

/** Longest path of a Unix socket on Linux, with room for its end. */
const maxSocketPath = 107;

/** `http(s)://host[:port][/base]` of a backend, without a slash at its end, or `unix:/path`. */
export function parseBackendUrl(text: string): Parsed<string> {
  if (text.startsWith("unix:")) return parseSocketUrl(text);
  const url = readUrl(text);
  if ("problem" in url) return url;
  return { value: `${url.value.origin}${url.value.pathname.replace(/\/+$/, "")}` };
}

function parseSocketUrl(text: string): Parsed<string> {
  const path = text.slice("unix:".length);
  const fix = "write unix:/run/app.sock";
  if (!/^\/[^\0]*[^\0/]$/.test(path) || path.startsWith("//")) {
    return { problem: `${text} names no socket by an absolute path`, fix };
  }
  if (Buffer.byteLength(path) > maxSocketPath) {
    return { problem: `the path of the socket is longer than ${maxSocketPath} bytes`, fix: "use a shorter path" };
  }
  if (path.endsWith("/admin.sock")) {
    return { problem: `${text} is the socket of the admin API, which nothing is forwarded to`, fix };
  }
  return { value: text };
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

export function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** Where a service of one's own is asked: https, or http on this machine. */
export function parseServiceUrl(text: string): Parsed<string> {
  const url = parseIssuer(text);
  return "problem" in url && url.problem.includes("over http")
    ? {
        problem: `${text}: what is asked over http can be answered by anybody on the way`,
        fix: "use https; http is for this machine only",
      }
    : url;
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
