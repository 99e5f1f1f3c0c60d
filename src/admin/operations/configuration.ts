import type { AdminCall } from "#admin/call.ts";
import { nameIn } from "#admin/configuration/bundle.ts";
import type { ChangeOutcome, ChangeRequest } from "#admin/configuration/port.ts";
import { etagOf, parseIfMatch } from "#admin/etag.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminRefusal, type AdminResult, answer, refusal } from "#admin/result.ts";
import { diagnosticsToJson } from "#config/format.ts";
import type { Diagnostic } from "#model/diagnostic.ts";
import { readCandidate } from "./candidate-body.ts";

type Ports = Pick<AdminPorts, "configuration">;

/** The definition as it was written, or with its documents as JSON. */
export async function readConfiguration({ accept }: AdminCall, { configuration }: Ports): Promise<AdminResult> {
  const { bundle, entry, definition } = configuration.running;
  const headers = ["ETag", etagOf(bundle.hash), "Vary", "Accept"];
  if (/\bapplication\/json\b/.test(accept)) {
    return answer({ ...entry, definition, files: Object.fromEntries(bundle.files) }, { headers });
  }
  const body = bundle.files.get(definition) ?? "";
  return { kind: "answer", status: 200, contentType: "application/yaml", body, headers };
}

/** What `sallyport check` would say. */
export async function validateConfiguration(call: AdminCall, { configuration }: Ports): Promise<AdminResult> {
  const candidate = readCandidate(call, configuration.running.definition);
  if ("kind" in candidate) return candidate;
  const { folder } = configuration.running;
  const { valid, diagnostics } = await configuration.validate(candidate);
  return answer({ valid, diagnostics: shown(diagnostics, folder) }, { detail: valid ? "valid" : "not valid" });
}

export async function applyConfiguration(call: AdminCall, { configuration }: Ports): Promise<AdminResult> {
  const request = changeRequest(call);
  if ("kind" in request) return request;
  const candidate = readCandidate(call, configuration.running.definition);
  if ("kind" in candidate) return candidate;
  return changed(await configuration.apply(candidate, request), configuration.running.folder);
}

export async function rollBack(call: AdminCall, { configuration }: Ports): Promise<AdminResult> {
  const request = changeRequest(call);
  return "kind" in request
    ? request
    : changed(await configuration.rollback(call.id, request), configuration.running.folder);
}

export async function reloadConfiguration(call: AdminCall, { configuration }: Ports): Promise<AdminResult> {
  const { folder } = configuration.running;
  const { principal: by, facts } = call.exchange;
  const outcome = await configuration.reload("asked for by the admin API", by.id, { by, request: facts.id });
  if (outcome.kind === "invalid") return invalid(outcome.diagnostics, folder);
  if (outcome.kind === "failed") return refusal("configuration-failed", { detail: outcome.message });
  const { entry, warnings } = outcome;
  const headers = ["ETag", etagOf(entry.hash)];
  return answer({ ...entry, warnings: shown(warnings, folder) }, { headers, detail: `configuration ${entry.id}` });
}

export async function listHistory({ query }: AdminCall, { configuration }: Ports): Promise<AdminResult> {
  const limit = Number(query.get("limit") ?? 100);
  return answer({ current: configuration.running.entry.id, entries: configuration.history().slice(0, limit) });
}

export async function readHistory({ id }: AdminCall, { configuration }: Ports): Promise<AdminResult> {
  const found = await configuration.read(id);
  if (found === undefined) return refusal("history-entry-unknown");
  const { definition } = configuration.running;
  return answer({ ...found.entry, definition, files: Object.fromEntries(found.bundle.files) });
}

export function changeRequest({ ifMatch, exchange, query }: AdminCall): ChangeRequest | AdminRefusal {
  if (ifMatch === undefined) return refusal("precondition-missing");
  const isExpected = parseIfMatch(ifMatch);
  if (isExpected === undefined)
    return refusal("malformed-request", { detail: "If-Match is not a list of entity tags" });
  return {
    isExpected,
    author: exchange.principal.id,
    by: exchange.principal,
    request: exchange.facts.id,
    comment: query.get("comment") ?? "",
    discardFileChanges: query.get("discard-file-changes") === "true",
  };
}

export function changed(outcome: ChangeOutcome, folder: string): AdminResult {
  switch (outcome.kind) {
    case "applied": {
      const { entry, warnings, restart } = outcome;
      const body = { ...entry, unchanged: false, restart, warnings: shown(warnings, folder) };
      const detail = `configuration ${entry.id}, hash ${entry.hash}`;
      return answer(body, { headers: ["ETag", etagOf(entry.hash)], detail });
    }
    case "unchanged": {
      const { entry } = outcome;
      const body = { ...entry, unchanged: true, restart: [], warnings: [] };
      return answer(body, { headers: ["ETag", etagOf(entry.hash)], detail: `configuration ${entry.id}, unchanged` });
    }
    case "conflict":
      return refusal("configuration-conflict", { headers: ["ETag", etagOf(outcome.hash)] });
    case "drift":
      return refusal("configuration-drift", { members: { files: outcome.files }, detail: outcome.files.join(", ") });
    case "invalid":
      return invalid(outcome.diagnostics, folder);
    case "unknown-entry":
      return refusal("history-entry-unknown");
    case "read-only":
      return refusal("configuration-read-only", { message: outcome.message, detail: outcome.message });
    case "failed":
      return refusal("configuration-failed", { detail: outcome.message });
  }
}

function invalid(diagnostics: readonly Diagnostic[], folder: string): AdminRefusal {
  const codes = [...new Set(diagnostics.map(({ code }) => code))];
  return refusal("configuration-invalid", {
    members: { diagnostics: shown(diagnostics, folder) },
    detail: codes.join(", "),
  });
}

/** Places as a caller can use them: relative to the definition's folder. */
function shown(diagnostics: readonly Diagnostic[], folder: string): readonly unknown[] {
  const near = diagnostics.map((one) => ({
    ...one,
    at: { ...one.at, file: nameIn(folder, one.at.file) ?? one.at.file },
  }));
  return diagnosticsToJson(near);
}
