import { type Import, policyFile } from "./import.ts";
import type { Resource } from "./information.ts";
import { plainName } from "./names.ts";
import type { WrittenOperation } from "./written-operation.ts";

export interface OperationPolicies {
  /** Policy files by the name of the operation. */
  readonly files: ReadonlyMap<string, string>;
  /** Operations that have policies, and are not among those that are served. */
  readonly lost: readonly string[];
}

/** Policies of operations. One whose operation is not there would not run, so who may call the API is left to its owner. */
export function operationPolicies(
  context: Import,
  { folder }: Resource,
  api: string,
  operations: readonly WrittenOperation[],
): OperationPolicies {
  const files = new Map<string, string>();
  const lost: string[] = [];
  for (const path of context.artifacts.texts.keys()) {
    const inner = path.startsWith(`${folder}/operations/`) ? path.slice(folder.length + 12).split("/") : [];
    const [id = "", file, ...rest] = inner;
    if (file !== "policy.xml" || rest.length > 0) continue;
    const operation = operations.find((one) => isSame(one.name, id) || isSame(one.id ?? one.name, id));
    if (operation === undefined) {
      context.settled.add(path);
      lost.push(id);
      context.report.refuse(path, `${api} has no operation ${id} that is served: its policies do not run`);
      continue;
    }
    const to = `apis/${api}/operations/${plainName(operation.name)}/policy.xml`;
    const name = policyFile(context, path, to);
    if (name === undefined) continue;
    files.set(operation.name, name);
    context.report.map(path, `apis.${api}.operations.${operation.name}`);
  }
  return { files, lost };
}

/** API Management compares names without case; folders cannot have every character. */
function isSame(name: string, id: string): boolean {
  return name.toLowerCase() === id.toLowerCase() || plainName(name).toLowerCase() === plainName(id).toLowerCase();
}
