import type { EdgeSettings } from "#model/definition.ts";
import { type Finding, finding, when } from "./finding.ts";
import { newOf } from "./named.ts";
import type { Served } from "./served.ts";

/** What is asked of every client, and whom the gateway believes about them. */
export function edgeChanges({ definition: before }: Served, { definition: after }: Served): readonly Finding[] {
  const subject = "definition edge";
  const [was, is] = [before.edge, after.edge];
  const proxies = newOf(was.trustedProxies, is.trustedProxies);
  const isUnproven = was.proxySecret !== null && is.proxySecret === null;
  const isOther = is.clientCertificates !== null && was.clientCertificates?.ca !== is.clientCertificates.ca;
  return [
    ...proxies.map((proxy) => finding("proxy-trusted", subject, `forwarded fields of ${proxy} are believed`)),
    ...when(isUnproven, "proxy-trusted", subject, "the proxy in front has nothing to prove itself by"),
    ...when(was.tls !== "off" && is.tls === "off", "clear-text", subject, "clients are served without TLS"),
    ...when(
      isAsked(was) && !isAsked(is),
      "certificate-dropped",
      subject,
      "no client has to show a certificate any more",
    ),
    ...when(!isAsked(was) && isAsked(is), "certificate-needed", subject, "every client has to show a certificate"),
    ...when(isOther, "access-changed", subject, "client certificates of other authorities are believed"),
    ...limits(was, is, subject),
  ];
}

function isAsked({ clientCertificates }: EdgeSettings): boolean {
  return clientCertificates?.mode === "require";
}

const bounds = ["headerBytes", "headerCount", "policyBodyBytes", "connections"] as const;

function limits(was: EdgeSettings, is: EdgeSettings, subject: string): readonly Finding[] {
  return bounds.flatMap((name) => {
    const [old, fresh] = [was.limits[name], is.limits[name]];
    const what = `limits.${name} is ${fresh} instead of ${old}`;
    return when(old !== fresh, fresh > old ? "limit-looser" : "limit-tighter", subject, what);
  });
}

export function egressChanges({ definition: before }: Served, { definition: after }: Served): readonly Finding[] {
  return newOf(before.egress.allow, after.egress.allow).map((pattern) =>
    finding("egress-widened", "definition egress", `policies may reach ${pattern}`),
  );
}
