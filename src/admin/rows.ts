import type { AdminOperation } from "./operation.ts";
import type { AdminRole } from "./roles.ts";
import type { SchemaName } from "./schemas.ts";

export type Row = Pick<AdminOperation, "summary" | "answers" | "run"> & Partial<AdminOperation>;

export const reads = (id: string, path: string, row: Row): AdminOperation => operation(id, "GET", path, "viewer", row);
export const acts = (id: string, method: "PUT" | "POST" | "DELETE", path: string, row: Row): AdminOperation =>
  operation(id, method, path, "operator", row);

export function operation(
  id: string,
  method: AdminOperation["method"],
  path: string,
  role: AdminRole,
  row: Row,
): AdminOperation {
  return { id, method, path, role, query: {}, conditional: false, body: false, refusals: [], ...row };
}

export const json = (schema: SchemaName): AdminOperation["answers"] => ({ "application/json": schema });
