import { isPlain, textToTemplate } from "#interop/caddyfile/words/text.ts";
import type { Directive } from "#interop/caddyfile/site/scope.ts";

/** What `reverse_proxy` is told to dial. */
export interface Upstream {
  readonly scheme: "http" | "https" | "h2c" | "fastcgi";
  /** `host:port`, or the path of a socket. */
  readonly address: string;
  readonly isSocket: boolean;
  /** It depends on the request: `baseUrl` of the definition. */
  readonly computed: string | null;
}

/** Several for a range of ports; none, and said, where it cannot be read. */
export function readUpstream(text: string, { names, say }: Pick<Directive, "names" | "say">): readonly Upstream[] {
  const socket = /^(?:(h2c):\/\/)?unix(?:\+(h2c))?\/(\/.+)$/.exec(text);
  if (socket !== null) {
    const scheme = (socket[1] ?? socket[2] === "h2c") ? "h2c" : "http";
    return [{ scheme, address: socket[3] ?? "", isSocket: true, computed: null }];
  }
  const [, given, rest = ""] = /^(?:([a-z0-9+]+):\/\/)?(.*)$/i.exec(text.replace(/^tcp\//, "")) ?? [];
  const scheme = given?.toLowerCase() ?? "http";
  if (scheme !== "http" && scheme !== "https" && scheme !== "h2c" && scheme !== "fastcgi") {
    say("value-unsupported", `the upstream ${text}`);
    return [];
  }
  if (/[/?#]/.test(rest.replaceAll(/\{[^{}]*\}/g, "").replace(/\/$/, ""))) {
    say("caddyfile-invalid", `an upstream has no path: ${text}`);
    return [];
  }
  if (!isPlain(rest)) {
    const url = `${scheme === "h2c" ? "http" : scheme}://${textToTemplate(rest, names)}`;
    return [{ scheme, address: rest, isSocket: false, computed: url }];
  }
  return ports(rest.replace(/\/$/, ""), scheme === "https" ? 443 : 80).map((address) => ({
    scheme,
    address,
    isSocket: false,
    computed: null,
  }));
}

function ports(text: string, usual: number): readonly string[] {
  const [, host = "", first, last] = /^(\[[^\]]*\]|[^:]*)(?::(\d+)(?:-(\d+))?)?$/.exec(text) ?? [];
  const name = host === "" ? "127.0.0.1" : host;
  const from = Number(first ?? usual);
  const to = Math.min(Number(last ?? from), from + 255);
  return Array.from({ length: Math.max(1, to - from + 1) }, (_, index) => `${name}:${from + index}`);
}

export function urlOf({ scheme, address, isSocket }: Upstream): string {
  return isSocket ? `unix:${address}` : `${scheme === "https" ? "https" : "http"}://${address}`;
}
