import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts, SecretState } from "#admin/ports.ts";
import { type AdminResult, answer, refusal } from "#admin/result.ts";
import { GatewayError } from "#model/errors.ts";

type Ports = Pick<AdminPorts, "secrets">;

export async function listSecrets(_: AdminCall, { secrets }: Ports): Promise<AdminResult> {
  return answer({ secrets: (await secrets.status()).map(shown) });
}

export async function rotateSecret({ name, query }: AdminCall, { secrets }: Ports): Promise<AdminResult> {
  const isEmergency = query.get("emergency") === "true";
  try {
    const changed = await secrets.rotate(name, isEmergency);
    if (changed === null) return refusal("secret-unknown", { detail: name });
    return answer(shown(changed), { detail: `secret ${name} changed${isEmergency ? ", in an emergency" : ""}` });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return refusal("secret-unchanged", { message: error.message, detail: name });
  }
}

function shown({ since, dueAt, oldUntil, ...state }: SecretState): object {
  return {
    ...state,
    since: timeOf(since),
    dueAt: timeOf(dueAt),
    oldUntil: oldUntil === null ? null : timeOf(oldUntil),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
