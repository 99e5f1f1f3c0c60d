import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer, refusal } from "#admin/result.ts";
import { diagnosticsToJson } from "#config/format.ts";

export async function readStatus(_: AdminCall, { status, configuration }: AdminPorts): Promise<AdminResult> {
  const { bundle, entry } = configuration.running;
  const last = configuration.lastReload;
  return answer({
    ...status(),
    configuration: { id: entry.id, hash: bundle.hash, changedOnDisk: await configuration.drift() },
    lastReload: last === undefined ? null : { ...last, diagnostics: diagnosticsToJson(last.diagnostics) },
  });
}

export async function listCertificates(_: AdminCall, { certificates }: AdminPorts): Promise<AdminResult> {
  return answer({ certificates: certificates() });
}

/** All of them while one is followed by the next, the one in use first. */
export async function readRoots(_: AdminCall, { internalRoots }: AdminPorts): Promise<AdminResult> {
  const body = internalRoots();
  if (body === "") return refusal("internal-ca-absent");
  return { kind: "answer", status: 200, contentType: "application/x-pem-file", body, headers: [] };
}

export async function listUpstreams(_: AdminCall, { upstreams }: AdminPorts): Promise<AdminResult> {
  return answer(await upstreams());
}
