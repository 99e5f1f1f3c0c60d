import type { DnsProviderSettings } from "#model/certificates.ts";
import type { Clock, Egress } from "#model/ports.ts";
import { unusable } from "#edge/acme/problem.ts";
import { signAws } from "./aws-signature.ts";
import { recordTtlSeconds, type TxtRecords } from "./records.ts";
import { callService } from "./service-call.ts";

type Settings = Extract<DnsProviderSettings, { kind: "route53" }>;

/** A record set is replaced as a whole there. @see https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html */
export function route53Records(settings: Settings, egress: Egress, clock: Clock): TxtRecords {
  const call = (method: string, path: string, body: string): Promise<string> => {
    const url = `${settings.endpoint}/2013-04-01${path}`;
    const credentials = {
      accessKeyId: settings.accessKeyId.reveal(),
      secretAccessKey: settings.secretAccessKey.reveal(),
      sessionToken: settings.sessionToken?.reveal() ?? null,
    };
    // A service of the whole world, signed for as if it were in one region.
    const request = { method, url, body, region: "us-east-1", service: "route53", now: clock.now() };
    const headers = ["Content-Type", "application/xml", ...signAws(request, credentials)];
    return callService(egress, { service: "Route 53", method, url, headers, ...(body === "" ? {} : { body }) });
  };
  const zoneId = async (name: string): Promise<string> => {
    if (settings.hostedZone !== null) return encodeURIComponent(settings.hostedZone);
    const labels = name.split(".");
    for (let from = 0; from < labels.length - 1; from += 1) {
      const zone = labels.slice(from).join(".");
      const text = await call("GET", `/hostedzonesbyname?dnsname=${encodeURIComponent(zone)}&maxitems=1`, "");
      const [, id, found] = /<Id>\/hostedzone\/([A-Z0-9]+)<\/Id>\s*<Name>([^<]+)<\/Name>/.exec(text) ?? [];
      if (id !== undefined && found === `${zone}.`) return id;
    }
    throw unusable(`Route 53 shows these credentials no zone for ${name}`);
  };
  const change = async (action: "UPSERT" | "DELETE", name: string, texts: readonly string[]): Promise<void> => {
    const values = texts.map((text) => `<ResourceRecord><Value>"${text}"</Value></ResourceRecord>`).join("");
    const set = `<Name>${name}.</Name><Type>TXT</Type><TTL>${recordTtlSeconds}</TTL><ResourceRecords>${values}</ResourceRecords>`;
    const body = `<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>${action}</Action><ResourceRecordSet>${set}</ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`;
    await call("POST", `/hostedzone/${await zoneId(name)}/rrset`, body);
  };
  return {
    add: (name, _text, all) => change("UPSERT", name, all),
    remove: (name, text, rest) => (rest.length === 0 ? change("DELETE", name, [text]) : change("UPSERT", name, rest)),
  };
}
