import type { Egress } from "#model/ports.ts";
import type { Secret } from "#model/secret.ts";
import type { JsonObject } from "#edge/acme/json.ts";
import { unusable } from "#edge/acme/problem.ts";
import { recordTtlSeconds, type TxtRecords } from "./records.ts";
import { callJson } from "./service-call.ts";

/** @see https://developers.cloudflare.com/api/resources/dns/subresources/records/ */
export function cloudflareRecords(endpoint: string, token: Secret, egress: Egress): TxtRecords {
  const call = async (method: string, path: string, body?: object): Promise<readonly JsonObject[]> => {
    const { result } = await callJson(egress, {
      service: "Cloudflare",
      method,
      url: `${endpoint}/client/v4${path}`,
      headers: ["Authorization", `Bearer ${token.reveal()}`, "Content-Type", "application/json"],
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return Array.isArray(result) ? (result as JsonObject[]) : [result as JsonObject];
  };
  /** Tokens may see some zones only: the nearest of them that holds the name. */
  const zoneId = async (name: string): Promise<string> => {
    const labels = name.split(".");
    for (let from = 0; from < labels.length - 1; from += 1) {
      const [zone] = await call("GET", `/zones?name=${encodeURIComponent(labels.slice(from).join("."))}`);
      if (zone !== undefined) return encodeURIComponent(String(zone["id"]));
    }
    throw unusable(`Cloudflare shows this token no zone for ${name}`);
  };
  return {
    add: async (name, text) => {
      const record = { type: "TXT", name, content: `"${text}"`, ttl: recordTtlSeconds };
      await call("POST", `/zones/${await zoneId(name)}/dns_records`, record);
    },
    remove: async (name, text) => {
      const zone = await zoneId(name);
      const records = await call("GET", `/zones/${zone}/dns_records?type=TXT&name=${encodeURIComponent(name)}`);
      for (const { id } of records.filter(({ content }) => String(content).replaceAll('"', "") === text)) {
        await call("DELETE", `/zones/${zone}/dns_records/${encodeURIComponent(String(id))}`);
      }
    },
  };
}
