import type { AdminOperation } from "./operation.ts";

export type Routed =
  | { readonly kind: "operation"; readonly operation: AdminOperation; readonly id: number }
  | { readonly kind: "method"; readonly allow: readonly string[] }
  | { readonly kind: "unknown" };

/** Paths are few: each is compared. */
export function route(operations: readonly AdminOperation[], method: string, path: string): Routed {
  const here = operations.flatMap((operation) => {
    const id = match(operation.path, path);
    return id === undefined ? [] : [{ kind: "operation", operation, id } as const];
  });
  const found = here.find(({ operation }) => operation.method === method);
  if (found !== undefined) return found;
  return here.length === 0 ? { kind: "unknown" } : { kind: "method", allow: here.map((one) => one.operation.method) };
}

/** The number at `{id}`, 0 for a template without one, undefined for another path. */
function match(template: string, path: string): number | undefined {
  if (!template.endsWith("/{id}")) return template === path ? 0 : undefined;
  const prefix = template.slice(0, -"{id}".length);
  const digits = path.slice(prefix.length);
  return path.startsWith(prefix) && /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined;
}
