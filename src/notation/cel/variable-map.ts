import { ConnectionCredential } from "#model/connection.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { ReceivedResponseView } from "./received-response-view.ts";

/** The exchange's variables as CEL sees them. Copied only where one holds what CEL has no form for. */
export function variableMap(variables: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  for (const value of variables.values()) if (isViewed(value)) return viewed(variables);
  return variables;
}

function viewed(variables: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  const shown = new Map<string, unknown>();
  for (const [name, value] of variables) {
    shown.set(name, isViewed(value) ? viewOf(value) : value);
  }
  return shown;
}

function isViewed(value: unknown): value is ReceivedResponse | ConnectionCredential {
  return value instanceof ReceivedResponse || value instanceof ConnectionCredential;
}

function viewOf(value: ReceivedResponse | ConnectionCredential): unknown {
  if (value instanceof ReceivedResponse) return new ReceivedResponseView(value);
  return { accessToken: value.accessToken, claims: value.claims };
}
