import type { Parsed } from "#config/shapes/text.ts";
import { connectionParts } from "./connection-parts.ts";

/** What a connection string of Event Hubs says. */
export interface EventHubConnection {
  /** Of the namespace's REST API, without a slash at its end. */
  readonly url: string;
  readonly keyName: string;
  readonly key: string;
  /** Name of the hub; undefined: the string is for the whole namespace. */
  readonly hub: string | undefined;
}

const form = "Endpoint=sb://<namespace>.servicebus.windows.net/;SharedAccessKeyName=…;SharedAccessKey=…";

/** The message never holds a part of what is read: it is a secret. */
export function parseEventHubConnection(text: string): Parsed<EventHubConnection> {
  const parts = connectionParts(text);
  const endpoint = URL.parse(parts.get("endpoint") ?? "");
  const keyName = parts.get("sharedaccesskeyname") ?? "";
  const key = parts.get("sharedaccesskey") ?? "";
  if (endpoint === null || endpoint.protocol !== "sb:" || endpoint.host === "" || keyName === "" || key === "") {
    return { problem: "the connection is no connection string of Event Hubs", fix: `give it as ${form}` };
  }
  // Microsoft's emulator speaks clear text.
  const scheme = parts.get("usedevelopmentemulator")?.toLowerCase() === "true" ? "http" : "https";
  return { value: { url: `${scheme}://${endpoint.host}`, keyName, key, hub: parts.get("entitypath") || undefined } };
}
