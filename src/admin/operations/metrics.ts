import type { AdminCall } from "#admin/call.ts";
import { chooseFormat } from "#admin/metrics/choose-format.ts";
import type { AdminPorts } from "#admin/ports.ts";
import type { AdminResult } from "#admin/result.ts";

export async function readMetrics({ accept }: AdminCall, { metrics }: AdminPorts): Promise<AdminResult> {
  const format = chooseFormat(accept);
  const body = await metrics(format);
  return { kind: "answer", status: 200, contentType: format.contentType, body, headers: ["Vary", "Accept"] };
}
