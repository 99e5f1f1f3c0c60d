import type { DnsProviderSettings } from "#model/certificates.ts";
import type { Egress } from "#model/ports.ts";
import { unusable } from "#edge/acme/problem.ts";
import { recordTtlSeconds, type TxtRecords } from "./records.ts";
import { callJson, callService } from "./service-call.ts";

type Settings = Extract<DnsProviderSettings, { kind: "azure" }>;

/** A record set is replaced as a whole there. @see https://learn.microsoft.com/rest/api/dns/record-sets */
export function azureRecords(settings: Settings, egress: Egress): TxtRecords {
  const token = async (): Promise<string> => {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: settings.clientId,
      client_secret: settings.clientSecret.reveal(),
      scope: `${settings.endpoint}/.default`,
    });
    const url = `${settings.login}/${encodeURIComponent(settings.tenant)}/oauth2/v2.0/token`;
    const headers = ["Content-Type", "application/x-www-form-urlencoded"];
    const answer = await callJson(egress, {
      service: "Azure's login",
      method: "POST",
      url,
      headers,
      body: form.toString(),
    });
    if (typeof answer["access_token"] !== "string") throw unusable("Azure's login gave no token");
    return answer["access_token"];
  };
  const urlOf = (name: string): string => {
    const { endpoint, subscription, resourceGroup, zone } = settings;
    if (!name.endsWith(`.${zone}`)) throw unusable(`${name} is not in the zone ${zone}`);
    const path = [
      "subscriptions",
      subscription,
      "resourceGroups",
      resourceGroup,
      "providers",
      "Microsoft.Network",
      "dnsZones",
      zone,
    ];
    const relative = name.slice(0, -zone.length - 1);
    return `${endpoint}/${[...path, "TXT", relative].map(encodeURIComponent).join("/")}?api-version=2018-05-01`;
  };
  const call = async (method: string, name: string, texts: readonly string[]): Promise<void> => {
    const body = { properties: { TTL: recordTtlSeconds, TXTRecords: texts.map((text) => ({ value: [text] })) } };
    await callService(egress, {
      service: "Azure DNS",
      method,
      url: urlOf(name),
      headers: ["Authorization", `Bearer ${await token()}`, "Content-Type", "application/json"],
      ...(method === "DELETE" ? {} : { body: JSON.stringify(body) }),
      alsoGood: method === "DELETE" ? [404] : [],
    });
  };
  return {
    add: (name, _text, all) => call("PUT", name, all),
    remove: (name, _text, rest) => (rest.length === 0 ? call("DELETE", name, []) : call("PUT", name, rest)),
  };
}
