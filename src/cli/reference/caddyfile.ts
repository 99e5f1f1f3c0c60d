import { directives, siteDirectives } from "#interop/caddyfile/directives/table.ts";
import { fastCgiTransport, httpTransport, proxyOptions } from "#interop/caddyfile/directives/proxy-options.ts";
import { globalOptions } from "#interop/caddyfile/globals/globals.ts";
import { matcherKinds } from "#interop/caddyfile/match/kinds.ts";
import { importCodes } from "#interop/caddyfile/report/codes.ts";
import { tlsOptions } from "#interop/caddyfile/site/tls.ts";

/** docs/reference/caddyfile.md: what of a Caddyfile maps to what. */
export function caddyfileReference(): string {
  const mapped = [
    ...Object.entries(directives).map(([name, { maps }]) => [name, maps] as const),
    ...Object.entries(siteDirectives),
  ].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    "# Caddyfile",
    "",
    "Generated from the tables that `sallyport import caddyfile` reads by (`npm run schema`); [how to use it](../howto/import-from-caddy.md).",
    "",
    "## Directives",
    "",
    "| directive | becomes |",
    "| --- | --- |",
    ...mapped.map(([name, maps]) => `| \`${name}\` | ${maps} |`),
    "",
    "## Matchers",
    "",
    `${listed(Object.keys(matcherKinds))}. Others are refused by name.`,
    "",
    "## Options",
    "",
    "These are known; one that has no counterpart is in the report, with its line. An option that Caddy does not have is an error.",
    "",
    `- \`reverse_proxy\`: ${listed(Object.keys(proxyOptions))}`,
    `- its \`transport http\`: ${listed(Object.keys(httpTransport))}`,
    `- its \`transport fastcgi\`: ${listed(Object.keys(fastCgiTransport))}`,
    `- \`tls\`: ${listed(Object.keys(tlsOptions))}`,
    `- at the head of the file: ${listed(Object.keys(globalOptions))}`,
    "",
    "## Codes of the report",
    "",
    "| code | kind | what it says |",
    "| --- | --- | --- |",
    ...Object.entries(importCodes).map(([code, { kind, about }]) => `| \`${code}\` | ${kind} | ${about} |`),
    "",
  ].join("\n");
}

function listed(names: readonly string[]): string {
  return names
    .toSorted()
    .map((name) => `\`${name}\``)
    .join(", ");
}
