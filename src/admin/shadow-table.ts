import type { AdminOperation } from "./operation.ts";
import { clearShadow, readShadow } from "./operations/shadow.ts";
import { acts, json, operation } from "./rows.ts";

/** How old gateways that are asked as well answer otherwise. Names of fields are not for everybody. */
export const shadowOperations: readonly AdminOperation[] = [
  operation("read-shadow", "GET", "/shadow", "operator", {
    summary:
      "How answers of old gateways differ from ours, added up by operation and place since the start or clearing.",
    answers: json("Shadow"),
    run: readShadow,
  }),
  acts("clear-shadow", "DELETE", "/shadow", {
    summary: "Begin to add up anew.",
    answers: json("Shadow"),
    run: clearShadow,
  }),
];
