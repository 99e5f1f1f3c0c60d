import { logLevels } from "#model/logs.ts";
import { listLogLevels, resetLogLevel, setLogLevel } from "./operations/log-levels.ts";
import type { AdminOperation } from "./operation.ts";
import { acts, json, reads } from "./rows.ts";

const operation = { pattern: "^[^\\p{Cc}]{1,256}$", about: "Of this operation alone, instead of the API." };

/** The level of the operational log, by API and by operation. */
export const logLevelOperations: readonly AdminOperation[] = [
  reads("list-log-levels", "/log-levels", {
    summary: "The usual level of the log, and the APIs and operations that have another for a while.",
    answers: json("LogLevels"),
    run: listLogLevels,
  }),
  acts("set-log-level", "PUT", "/log-levels/{name}", {
    summary:
      "Give an API, or one of its operations, another level for a while: in force on all workers when this is answered.",
    query: {
      operation,
      level: { pattern: `^(${logLevels.join("|")})$`, about: "The least level that is logged." },
      for: { pattern: "^[1-9][0-9]{0,3}[smh]$", about: "How long, at most 24h; 15m when absent." },
    },
    answers: json("LogLevel"),
    refusals: ["api-unknown", "operation-unknown"],
    run: setLogLevel,
  }),
  acts("reset-log-level", "DELETE", "/log-levels/{name}", {
    summary: "Give an API, or one of its operations, its usual level again.",
    query: { operation },
    answers: json("LogLevels"),
    refusals: ["api-unknown", "operation-unknown"],
    run: resetLogLevel,
  }),
];
