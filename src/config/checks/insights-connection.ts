import type { Parsed } from "#config/shapes/text.ts";
import { connectionParts } from "./connection-parts.ts";
import { parseServiceUrl } from "./urls.ts";

/** What a connection string of Application Insights says. */
export interface InsightsConnection {
  readonly key: string;
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Of tokens that let whoever shows them write there. */
  readonly audience: string;
}

const form = "InstrumentationKey=00000000-0000-0000-0000-000000000000;IngestionEndpoint=https://…/";
/** Of an instance without a region of its own. */
const usual = "https://dc.services.visualstudio.com";
/** Of the public cloud; others say theirs. */
const usualAudience = "https://monitor.azure.com/";
const keyShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Or its instrumentation key alone. The message never holds a part of what is read: it is a secret.
 * @see https://learn.microsoft.com/azure/azure-monitor/app/connection-strings
 */
export function parseInsightsConnection(text: string): Parsed<InsightsConnection> {
  // What API Management keeps of an instance.
  if (keyShape.test(text.trim())) return { value: { key: text.trim(), endpoint: usual, audience: usualAudience } };
  const parts = connectionParts(text);
  const key = parts.get("instrumentationkey") ?? "";
  const problem = "the connection is no connection string of Application Insights";
  if (!keyShape.test(key)) return { problem, fix: `give it as ${form}` };
  const suffix = parts.get("endpointsuffix");
  const place = parts.get("location");
  const ofSuffix = suffix && `https://${place === undefined ? "" : `${place}.`}dc.${suffix}`;
  const endpoint = (parts.get("ingestionendpoint") || ofSuffix || usual).replace(/\/+$/, "");
  if ("problem" in parseServiceUrl(endpoint)) {
    return { problem: "the IngestionEndpoint of the connection is no https URL", fix: `give it as ${form}` };
  }
  return { value: { key, endpoint, audience: parts.get("aadaudience") || usualAudience } };
}
