import { Buffer } from "node:buffer";
import { describeSteps } from "#app/tracing/describe-steps.ts";
import type { SentRequest } from "./stubs.ts";
import type { WorkbenchRun } from "./run.ts";

/** A run for a person: its sections with their steps, what went out, what the client would have got. */
export function describeRun(run: WorkbenchRun): string {
  const lines = [...describeSteps(run.steps)];
  for (const request of run.sent) lines.push(...describeSent(request), "");
  if (run.refusal !== null) lines.push(`refused: ${run.refusal.reason}${suffix(run.refusal.detail)}`, "");
  return printable([...lines, ...describeResponse(run)].join("\n"));
}

/** The same as plain data: for `--json`. */
export function runAsJson({ steps, sent, response, refusal }: WorkbenchRun): object {
  return {
    steps,
    sent: sent.map((request) => ({ ...request, ...messageAsJson(request) })),
    refusal,
    response: response && { status: response.status, reason: response.reason, ...messageAsJson(response) },
  };
}

interface Message {
  readonly headers: readonly string[];
  readonly body: Uint8Array | null;
}

function messageAsJson({ headers, body }: Message): object {
  return { headers: pairsOf(headers), body: body === null ? null : Buffer.from(body).toString("utf8") };
}

function describeSent({ to, method, url, headers, body, certificate, answer }: SentRequest): readonly string[] {
  const shown = certificate === null ? "" : `, shown the certificate ${certificate}`;
  return [
    `to ${to === "backend" ? "the backend" : "another service"}${shown}: ${answer}`,
    ...message(`${method} ${url}`, { headers, body }),
  ];
}

function describeResponse({ response }: WorkbenchRun): readonly string[] {
  if (response === null) return ["the connection is broken off", ""];
  return ["to the client", ...message(`${response.status} ${response.reason}`.trimEnd(), response), ""];
}

function message(first: string, { headers, body }: Message): readonly string[] {
  const text = body === null || body.byteLength === 0 ? [] : ["", ...Buffer.from(body).toString("utf8").split("\n")];
  return [first, ...pairsOf(headers).map(([name, value]) => `${name}: ${value}`), ...text].map((line) =>
    `  ${line}`.trimEnd(),
  );
}

function pairsOf(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ""] as const] : []));
}

function suffix(detail: string | null): string {
  return detail === null ? "" : `: ${detail}`;
}

/** What comes from a message must not steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]|\p{Cf}/gu, " ");
}
