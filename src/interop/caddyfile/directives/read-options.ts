import { CaddyfileError } from "#interop/caddyfile/syntax/token.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import type { Directive } from "#interop/caddyfile/site/scope.ts";
import { fastCgiTransport, httpTransport, proxyOptions, type ProxySettings } from "./proxy-options.ts";

export function emptySettings(): ProxySettings {
  return {
    backend: {},
    api: {},
    health: {},
    passive: {},
    retries: {},
    weights: [],
    isSecure: false,
    root: null,
    proxyUrl: null,
    split: [],
    env: {},
  };
}

/** @throws CaddyfileError for an option that Caddy does not have */
export function readOptions(lines: readonly Line[], settings: ProxySettings, directive: Directive): void {
  for (const line of lines) {
    if (line.name.text.startsWith("@")) continue;
    const option = proxyOptions[line.name.text];
    if (option === undefined) throw new CaddyfileError(`${directive.name} has no option ${line.name.text}`, line.name);
    directive.scope.site.report.count(line);
    option?.(line, settings, directive);
  }
}

/** @returns the name of the transport */
export function readTransport(lines: readonly Line[], settings: ProxySettings, directive: Directive): string {
  const transport = lines.find(({ name }) => name.text === "transport");
  if (transport === undefined) return "http";
  const [kind] = transport.args;
  const table = kind?.text === "http" ? httpTransport : kind?.text === "fastcgi" ? fastCgiTransport : undefined;
  if (table === undefined) {
    directive.say("option-unsupported", `transport ${kind?.text ?? ""}`, transport.name);
    return "http";
  }
  for (const line of transport.block ?? []) {
    const option = table[line.name.text];
    if (option === undefined)
      throw new CaddyfileError(`transport ${kind?.text ?? ""} has no option ${line.name.text}`, line.name);
    directive.scope.site.report.count(line);
    option(line, settings, directive);
  }
  return kind?.text ?? "http";
}
