import type { DnsSettings } from "#model/certificates.ts";
import type { Clock, Egress, Random } from "#model/ports.ts";
import type { Pause } from "#edge/acme/poll.ts";
import type { Solver } from "#edge/acme/solver.ts";
import { azureRecords } from "./azure-records.ts";
import { cloudflareRecords } from "./cloudflare-records.ts";
import { commandRecords } from "./command-records.ts";
import { createDnsSolver } from "./dns-solver.ts";
import { Lookups } from "./lookups.ts";
import type { TxtRecords } from "./records.ts";
import { rfc2136Records } from "./rfc2136-records.ts";
import { route53Records } from "./route53-records.ts";
import { webhookRecords } from "./webhook-records.ts";

export interface DnsContext {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly random: Random;
  readonly pause: Pause;
}

/** Answers dns-01 challenges as the definition says. */
export function dnsSolverOf(settings: DnsSettings, context: DnsContext): Solver {
  const lookups = new Lookups(settings, context.pause);
  const records = recordsOf(settings, lookups, context);
  return createDnsSolver(
    records,
    (name, text) => lookups.seen(name, text),
    (name) => lookups.follow(name),
  );
}

function recordsOf({ provider }: DnsSettings, lookups: Lookups, { egress, clock, random }: DnsContext): TxtRecords {
  switch (provider.kind) {
    case "command":
      return commandRecords(provider.run);
    case "webhook":
      return webhookRecords(provider.url, provider.secret, egress, clock);
    case "rfc2136":
      return rfc2136Records(provider, (name) => lookups.zoneOf(name), clock, random);
    case "cloudflare":
      return cloudflareRecords(provider.endpoint, provider.token, egress);
    case "route53":
      return route53Records(provider, egress, clock);
    case "azure":
      return azureRecords(provider, egress);
  }
}
