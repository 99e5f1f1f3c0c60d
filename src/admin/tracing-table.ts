import type { AdminOperation } from "./operation.ts";
import { endDebugToken, issueDebugToken, listDebugTokens, listTraces, readTrace } from "./operations/tracing.ts";
import { acts, json, operation } from "./rows.ts";

/** What requests are traced, and what was. A trace shows what requests hold, so viewers do not see it. */
export const tracingOperations: readonly AdminOperation[] = [
  acts("issue-debug-token", "POST", "/debug-tokens", {
    summary: "Make a token that has requests traced which send it in Apim-Debug-Authorization. It is told once.",
    query: {
      api: { pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$", about: "Only requests of this API; of any when absent." },
      for: { pattern: "^[1-9][0-9]{0,3}[smh]$", about: "How long, at most 1h; 15m when absent." },
    },
    answers: json("IssuedDebugToken"),
    refusals: ["debug-tokens-many", "api-unknown"],
    run: issueDebugToken,
  }),
  operation("list-debug-tokens", "GET", "/debug-tokens", "operator", {
    summary: "Debug tokens that are good now, without the tokens themselves.",
    answers: json("DebugTokens"),
    run: listDebugTokens,
  }),
  acts("end-debug-token", "DELETE", "/debug-tokens/{name}", {
    summary: "End a debug token: no worker takes it any more.",
    answers: json("DebugToken"),
    refusals: ["debug-token-unknown"],
    run: endDebugToken,
  }),
  operation("list-traces", "GET", "/traces", "operator", {
    summary: "Requests that were traced within the last hour, the newest first.",
    answers: json("Traces"),
    run: listTraces,
  }),
  operation("read-trace", "GET", "/traces/{name}", "operator", {
    summary:
      "All that the gateway did with one request: hand-overs, access rules, policies and the values of expressions.",
    answers: json("Trace"),
    refusals: ["trace-unknown"],
    run: readTrace,
  }),
];
