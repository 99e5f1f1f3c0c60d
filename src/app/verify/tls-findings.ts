import type { Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";
import type { Clock } from "#model/ports.ts";
import { fewAtATime } from "#lib/few-at-a-time.ts";
import { type ServedCertificate, servedCertificate } from "./certificate-check.ts";
import type { ProbeGateway } from "./send-probe.ts";

const atOnce = 8;
const day = 86_400_000;

/** Each host that clients name: a chain that they trust, for that name, with time left. */
export async function tlsFindings(options: {
  readonly definition: Definition;
  readonly gateway: ProbeGateway;
  readonly clock: Clock;
}): Promise<readonly Finding[]> {
  const { definition, gateway, clock } = options;
  if (definition.edge.tls === "off") return [];
  return fewAtATime(hostsOf(definition), atOnce, async (host) => {
    const started = performance.now();
    const found = await servedCertificate(gateway, host, 443);
    return { ...finding(host, found, clock.now()), ms: performance.now() - started };
  });
}

function hostsOf({ apis }: Definition): readonly string[] {
  const hosts = new Set(apis.flatMap((api) => api.hosts.map((host) => host.replace(/^\*/, "verify"))));
  return hosts.size === 0 ? ["localhost"] : [...hosts].toSorted();
}

function finding(host: string, found: ServedCertificate | string, now: number): Omit<Finding, "ms"> {
  const base = { group: "TLS", name: host };
  if (typeof found === "string") {
    const fix = "name the CA with --ca, or look at sallyport certificates";
    return { ...base, state: "failed", code: "verify-tls", detail: found, fix };
  }
  const { notBefore, notAfter, issuer } = found;
  const left = notAfter - now;
  const detail = `signed by ${issuer}, until ${new Date(notAfter).toISOString()}`;
  // Renewed with a third left: with less than a sixth something keeps it from being.
  const isLate = left < (notAfter - notBefore) / 6;
  const lateFix = "sallyport certificates says why it was not renewed";
  return isLate
    ? { ...base, state: "warned", code: "verify-tls-expiry", detail: `${detail}: ${spoken(left)} left`, fix: lateFix }
    : { ...base, state: "passed", code: "verify-tls", detail, fix: null };
}

function spoken(ms: number): string {
  return ms > 2 * day ? `${Math.floor(ms / day)} days` : `${Math.floor(ms / 3_600_000)} hours`;
}
