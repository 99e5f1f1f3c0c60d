import { type Command, Option } from "commander";
import { caddyAsking } from "#interop/caddy/asking.ts";
import { type CaddyExport, caddyInFront } from "#interop/caddy/in-front.ts";
import type { CaddyTarget } from "#interop/caddy/plan.ts";
import { type DefinitionOptions, withDefinitionOptions } from "#cli/definition-options.ts";
import { wholeNumber } from "#cli/numbers.ts";
import type { Definition } from "#model/definition.ts";

type Shape = "in-front" | "asking";

const shapes: Readonly<Record<Shape, typeof caddyInFront>> = { "in-front": caddyInFront, asking: caddyAsking };
const targets: readonly CaddyTarget[] = ["2.6", "2.8"];

/** How Caddy stands to the gateway: what an export and a comparison with what it runs have in common. */
export interface CaddyOptions extends DefinitionOptions {
  readonly shape: Shape;
  readonly target: CaddyTarget;
  readonly tls: "auto" | "internal";
  readonly host: readonly string[];
  readonly gateway?: string;
  readonly from?: string;
  readonly trusted: readonly string[];
  readonly email?: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
}

const repeated = (value: string, before: readonly string[]): readonly string[] => [...before, value];
const port = wholeNumber(1, 65_535);

export function withCaddyOptions(command: Command): Command {
  return withDefinitionOptions(command)
    .addOption(
      new Option("--shape <shape>", "in-front: Caddy has HTTPS, and all requests come here; asking: forward_auth")
        .choices(Object.keys(shapes))
        .default("in-front"),
    )
    .addOption(
      new Option("--target <version>", "Caddy's release, or the last one before it").choices(targets).default("2.6"),
    )
    .addOption(
      new Option("--tls <certificates>", "a public authority's, or those of Caddy's own CA")
        .choices(["auto", "internal"])
        .default("auto"),
    )
    .option("--host <name>", "a host of the APIs that have none (repeatable)", repeated, [])
    .option("--gateway <address>", "where Caddy finds this gateway: host:port, or unix//path")
    .option("--from <address>", "where Caddy comes from, as this gateway sees it")
    .option("--trusted <range>", "a proxy in front of Caddy, whose word Caddy believes (repeatable)", repeated, [])
    .option("--email <address>", "for Caddy's account with the authority")
    .option("--http-port <n>", "instead of 80", port)
    .option("--https-port <n>", "instead of 443", port);
}

export function caddyFor(definition: Definition, options: CaddyOptions): CaddyExport {
  return shapes[options.shape](definition, {
    target: options.target,
    tls: options.tls,
    hosts: options.host.map((host) => host.toLowerCase()),
    gateway: options.gateway ?? null,
    from: options.from ?? null,
    trusted: options.trusted,
    email: options.email ?? null,
    httpPort: options.httpPort ?? null,
    httpsPort: options.httpsPort ?? null,
  });
}
