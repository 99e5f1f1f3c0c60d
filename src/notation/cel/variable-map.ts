import { ConnectionCredential } from "#model/connection.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { ReceivedResponseView } from "./received-response-view.ts";

/** The exchange's variables as CEL sees them. Copied only where one holds what CEL has no form for. */
export function variableMap(variables: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  for (const value of variables.values()) if (isViewed(value)) return viewed(variables);
  return variables;
}

function viewed(variables: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  return new Map([...variables].map(([name, value]) => [name, isViewed(value) ? viewOf(value) : value]));
}

function isViewed(value: unknown): value is number | ReceivedResponse | ConnectionCredential {
  return Number.isSafeInteger(value) || value instanceof ReceivedResponse || value instanceof ConnectionCredential;
}

/** A whole number that a policy has counted, or C# has as int, is an integer of CEL. */
function viewOf(value: number | ReceivedResponse | ConnectionCredential): unknown {
  if (typeof value === "number") return BigInt(value);
  if (value instanceof ReceivedResponse) return new ReceivedResponseView(value);
  return { accessToken: value.accessToken, claims: value.claims };
}
