import type { AdminOperation } from "./operation.ts";

/** What stands at `{id}` and `{name}`; 0 and empty for a template without them. */
export interface PathValues {
  readonly id: number;
  readonly name: string;
}

export type Routed =
  | ({ readonly kind: "operation"; readonly operation: AdminOperation } & PathValues)
  | { readonly kind: "method"; readonly allow: readonly string[] }
  | { readonly kind: "unknown" };

/** Paths are few: each is compared. */
export function route(operations: readonly AdminOperation[], method: string, path: string): Routed {
  const here = operations.flatMap((operation) => {
    const values = match(operation.path, path);
    return values === undefined ? [] : [{ kind: "operation", operation, ...values } as const];
  });
  const found = here.find(({ operation }) => operation.method === method);
  if (found !== undefined) return found;
  return here.length === 0 ? { kind: "unknown" } : { kind: "method", allow: here.map((one) => one.operation.method) };
}

const id = /^[1-9]\d{0,8}$/;
const name = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

function match(template: string, path: string): PathValues | undefined {
  const [parts, given] = [template.split("/"), path.split("/")];
  if (parts.length !== given.length) return undefined;
  let values: PathValues = { id: 0, name: "" };
  for (const [at, part] of parts.entries()) {
    const text = given[at] ?? "";
    if (part === "{id}" && id.test(text)) values = { ...values, id: Number(text) };
    else if (part === "{name}" && name.test(text)) values = { ...values, name: text };
    else if (part !== text) return undefined;
  }
  return values;
}
