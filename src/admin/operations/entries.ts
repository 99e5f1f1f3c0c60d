import type { AdminCall } from "#admin/call.ts";
import { etagOf } from "#admin/etag.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminRefusal, type AdminResult, answer, refusal } from "#admin/result.ts";
import type { EntryQuestion } from "#config/entries/answer.ts";
import type { EntryKind } from "#config/entries/kinds.ts";
import type { EntryProblem } from "#notation/yaml/edit-entry.ts";
import { changed, changeRequest } from "./configuration.ts";

type Ports = Pick<AdminPorts, "configuration" | "entry" | "status">;
type Operation = (call: AdminCall, ports: Ports) => Promise<AdminResult>;

export function listEntries(kind: EntryKind): Operation {
  return async (_, ports) => {
    const found = await ports.entry(textOf(ports), { ask: "names", path: pathOf(kind, ports) });
    if (found.kind === "names") return answer({ names: found.names }, { headers: tagOf(ports) });
    return refusal("internal-error");
  };
}

export function readOneEntry(kind: EntryKind): Operation {
  return async ({ name }, ports) => {
    const headers = tagOf(ports);
    const found = await ports.entry(textOf(ports), { ask: "read", path: [...pathOf(kind, ports), name] });
    if (found.kind === "text") {
      return { kind: "answer", status: 200, contentType: "application/yaml", body: found.text, headers };
    }
    return found.kind === "names" ? refusal("internal-error") : refused(found);
  };
}

export function changeEntry(kind: EntryKind, ask: "set" | "delete"): Operation {
  return (call, ports) => {
    const path = [...pathOf(kind, ports), call.name];
    return change(call, ports, ask === "set" ? { ask, path, value: call.body } : { ask, path });
  };
}

export function makeRevisionCurrent(call: AdminCall, ports: Ports): Promise<AdminResult> {
  return change(call, ports, { ask: "make-current", api: call.name });
}

/** The edit is made on what is in force now. Should that change meanwhile, the condition no longer holds. */
async function change(call: AdminCall, ports: Ports, question: EntryQuestion): Promise<AdminResult> {
  const request = changeRequest(call);
  if ("kind" in request) return request;
  const { bundle, definition, folder } = ports.configuration.running;
  if (!request.isExpected(bundle.hash)) {
    return changed({ kind: "conflict", hash: bundle.hash }, folder);
  }
  const edited = await ports.entry(bundle.files.get(definition) ?? "", question);
  if (edited.kind === "names") return refusal("internal-error");
  if (edited.kind !== "text") return refused(edited);
  const based = { ...request, isExpected: (hash: string) => hash === bundle.hash };
  return changed(await ports.configuration.apply(new Map([[definition, edited.text]]), based), folder);
}

function refused({ kind, problem }: EntryProblem): AdminRefusal {
  if (kind === "unknown") return refusal("entry-unknown", { message: problem, detail: problem });
  if (kind === "not-editable") return refusal("entry-not-editable", { message: problem, detail: problem });
  return refusal("malformed-request", { message: problem, detail: problem });
}

function textOf({ configuration: { running } }: Ports): string {
  return running.bundle.files.get(running.definition) ?? "";
}

function tagOf({ configuration }: Ports): readonly string[] {
  return ["ETag", etagOf(configuration.running.bundle.hash)];
}

function pathOf(kind: EntryKind, { status }: Ports): readonly string[] {
  return kind.path(status().environment);
}
