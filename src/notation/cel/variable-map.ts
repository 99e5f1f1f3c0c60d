import { ReceivedResponse } from "#model/received-response.ts";
import { ReceivedResponseView } from "./received-response-view.ts";

/** The exchange's variables as CEL sees them. Copied only where one holds what CEL has no form for. */
export function variableMap(variables: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  for (const value of variables.values()) if (value instanceof ReceivedResponse) return viewed(variables);
  return variables;
}

function viewed(variables: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  const shown = new Map<string, unknown>();
  for (const [name, value] of variables) {
    shown.set(name, value instanceof ReceivedResponse ? new ReceivedResponseView(value) : value);
  }
  return shown;
}
