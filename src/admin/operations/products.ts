import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminResult, answer } from "#admin/result.ts";

export async function listProducts(_: AdminCall, { products }: Pick<AdminPorts, "products">): Promise<AdminResult> {
  return answer({ products: products() });
}
