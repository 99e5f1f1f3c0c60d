import type { StoredEvent } from "#model/record.ts";
import type { SessionTrace, TracedToken } from "./session-trace.ts";
import { type Paint, printable } from "./terminal-text.ts";

/** A login as a person reads it: its tokens, what was done to it, and what they all did. */
export function explainSession(trace: SessionTrace, brush: Paint): string {
  const { sessions, tokens, unused, operations, events, requests, newest } = trace;
  const head =
    sessions.length > 0
      ? `${brush.strong("Login")} ${sessions.map(printable).join(", ")}`
      : `${brush.strong("Unlinked token")}: no login that is known here has it`;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["Tokens", [...tokens.flatMap((token) => tokenLines(token, brush)), ...unused.map(unusedLine)]],
    ["Events", events.map((event) => eventLine(event, brush))],
    ["What they did", operations.map(({ name, ...use }) => `  ${printable(name)}: ${usesText(use)}`)],
    [`Newest of ${requests} requests`, newest.map((id) => `  ${printable(id)}`)],
  ];
  const lines = sections.flatMap(([title, body]) => (body.length === 0 ? [] : ["", brush.strong(title), ...body]));
  return `${[head, ...lines].join("\n")}\n`;
}

function tokenLines(token: TracedToken, brush: Paint): readonly string[] {
  const { digest, tokenId, clientId, principal, actors, agent, firstSeen, lastSeen } = token;
  const what =
    digest === null ? "session cookie" : `token ${tokenId === null ? "" : `id ${tokenId}, `}digest ${digest}`;
  const client = clientId === null ? "" : `, client ${clientId}`;
  const acting = actors.length === 0 ? "" : `, with ${actors.join(", then ")} acting`;
  const by = agent === null ? "" : `, agent ${agent}`;
  return [
    `  ${printable(what + client)}`,
    `      ${brush.dim(printable(`of ${principal}${acting}${by}`))}`,
    `      ${usesText(token)}, ${printable(firstSeen)} to ${printable(lastSeen)}`,
  ];
}

function unusedLine(digest: string): string {
  return `  token digest ${printable(digest)}: never shown to this gateway`;
}

function eventLine({ time, event, details }: StoredEvent, brush: Paint): string {
  const said = Object.entries(details).map(([name, value]) => `${name}=${String(value)}`);
  return `  ${brush.dim(printable(time))}  ${printable(event)}  ${printable(said.join(" "))}`;
}

function usesText({ requests, denied }: { readonly requests: number; readonly denied: number }): string {
  return `${requests} ${requests === 1 ? "request" : "requests"}${denied === 0 ? "" : `, ${denied} denied`}`;
}
