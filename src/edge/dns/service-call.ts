import { Buffer } from "node:buffer";
import type { Egress } from "#model/ports.ts";
import { type JsonObject, tryParse } from "#edge/acme/json.ts";
import { unusable } from "#edge/acme/problem.ts";

const timeoutMs = 30_000;
const maxBytes = 512 * 1024;

export interface ServiceCall {
  /** For messages: `Cloudflare`. */
  readonly service: string;
  readonly method: string;
  readonly url: string;
  /** Flat `[name, value, …]`. */
  readonly headers?: readonly string[];
  readonly body?: string;
  /** Statuses that are as good as 2xx. */
  readonly alsoGood?: readonly number[];
}

/** One call to a DNS service. @throws GatewayError `certificate-unavailable` with what the service said */
export async function callService(egress: Egress, call: ServiceCall): Promise<string> {
  const { service, method, url, headers = [], body, alsoGood = [] } = call;
  const answer = await egress
    .fetch({
      url,
      method,
      headers: ["User-Agent", "sallyport", ...headers],
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
      timeoutMs,
      maxBytes,
      declared: true,
    })
    .catch((error: Error) => {
      throw unusable(`${service} cannot be reached: ${error.message}`, error);
    });
  const text = Buffer.from(answer.body).toString("utf8");
  if ((answer.status >= 200 && answer.status < 300) || alsoGood.includes(answer.status)) return text;
  const said = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").slice(0, 300);
  throw unusable(`${service} answered ${answer.status}: ${said}`);
}

/** The same for services that answer with a JSON object. */
export async function callJson(egress: Egress, call: ServiceCall): Promise<JsonObject> {
  const value = tryParse(await callService(egress, call));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw unusable(`${call.service} answered with what is no JSON object`);
}
