import type { Parsed } from "#config/shapes/text.ts";

const fix = "write rediss://host:6379, with /2 for database 2";

/** `redis(s)://host[:port][/database]`. Who it is for stands beside it, so that no password is written out. */
export function parseCacheUrl(text: string): Parsed<string> {
  const url = /^rediss?:\/\/[^\s\\]+$/i.test(text) ? URL.parse(text) : null;
  if (url === null || url.hostname === "") return { problem: "this is not a redis or rediss URL", fix };
  if (url.username !== "" || url.password !== "" || /[?#@]/.test(text)) {
    const instead = "leave out user:password@, ? and #; write username and password: { env: … } beside it";
    return { problem: "the URL holds credentials, a query or a fragment", fix: instead, secret: true };
  }
  if (!/^(\/\d{0,4})?$/.test(url.pathname)) return { problem: `${text} does not end with a database's number`, fix };
  return { value: text };
}
