import type { Parsed } from "#config/shapes/text.ts";
import { isLoopback } from "./urls.ts";

interface NatsServer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

const usualPort = 4222;
const fix = "write tls://host, or nats://127.0.0.1:4222 on this machine";

export function parseNatsUrl(written: string): Parsed<NatsServer> {
  const url = /^(nats|tls):\/\/[^\s\\/]+$/.test(written) ? URL.parse(written) : null;
  if (url === null) return { problem: "this is no server of NATS", fix };
  if (url.username !== "" || url.password !== "") {
    return { problem: "the URL holds credentials", fix: "leave out user:password@", secret: true };
  }
  if (url.search !== "" || url.hash !== "") return { problem: "the URL has more than a host and a port", fix };
  const secure = url.protocol === "tls:";
  if (!secure && !isLoopback(url.hostname)) {
    return { problem: `${written}: what is sent in clear text can be read and taken by anybody on the way`, fix };
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { value: { host, port: url.port === "" ? usualPort : Number(url.port), secure } };
}
