import { Buffer } from "node:buffer";
import type { BodySource } from "#model/body.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Change } from "#model/tracing.ts";
import { describeValue } from "./describe-value.ts";
import { WholeBody } from "#app/workbench/whole-body.ts";

/** What a policy may change, as texts by name: `request.url`, `response.header Location`, `variable token`. */
export type MessageState = ReadonlyMap<string, string>;

export function stateOf(
  { request, response, variables, facts }: Exchange,
  backendUrls: readonly string[],
): MessageState {
  const state = new Map<string, string>([["request.method", request.method]]);
  const base = request.baseUrl ?? backendUrls[request.backend] ?? "";
  state.set(
    "request.url",
    `${base.replace(/\/$/, "")}${request.path}${request.query === "" ? "" : `?${request.query}`}`,
  );
  addHeaders(state, "request", request.headers.raw);
  addBody(state, "request", request.body === undefined ? facts.body : request.body);
  if (response !== null) {
    state.set("response.status", `${response.status} ${response.statusText}`.trimEnd());
    addHeaders(state, "response", response.headers.raw);
    addBody(state, "response", response.body);
  }
  for (const [name, value] of variables ?? []) state.set(`variable ${name}`, describeValue(value));
  return state;
}

export function changesBetween(before: MessageState, after: MessageState): readonly Change[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .map((what) => ({ what, before: before.get(what) ?? null, after: after.get(what) ?? null }))
    .filter((change) => change.before !== change.after);
}

function addHeaders(state: Map<string, string>, message: string, raw: readonly string[]): void {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = `${message}.header ${raw[at]?.toLowerCase()}`;
    const before = state.get(name);
    state.set(name, before === undefined ? (raw[at + 1] ?? "") : `${before} | ${raw[at + 1]}`);
  }
}

function addBody(state: Map<string, string>, message: string, body: BodySource | Uint8Array | null): void {
  const bytes = body instanceof WholeBody ? body.bytes : body;
  if (bytes instanceof Uint8Array) state.set(`${message}.body`, Buffer.from(bytes).toString("utf8"));
}
