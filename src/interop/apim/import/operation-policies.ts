import { type Import, policyFile } from "./import.ts";
import type { Resource } from "./information.ts";
import { plainName } from "./names.ts";
import type { WrittenOperation } from "./written-operation.ts";

/** Policy files by the name of the operation. A policy whose operation is not there is reported: it would not run. */
export function operationPolicies(
  context: Import,
  { folder }: Resource,
  api: string,
  operations: readonly WrittenOperation[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const path of context.artifacts.texts.keys()) {
    const inner = path.startsWith(`${folder}/operations/`) ? path.slice(folder.length + 12).split("/") : [];
    const [id = "", file, ...rest] = inner;
    if (file !== "policy.xml" || rest.length > 0) continue;
    const operation = operations.find(({ name }) => isSame(name, id));
    if (operation === undefined) {
      context.settled.add(path);
      context.report.refuse(path, `${api} has no operation ${id} that is served: its policies do not run`);
      continue;
    }
    const to = `apis/${api}/operations/${plainName(operation.name)}/policy.xml`;
    const name = policyFile(context, path, to);
    if (name === undefined) continue;
    found.set(operation.name, name);
    context.report.map(path, `apis.${api}.operations.${operation.name}`);
  }
  return found;
}

/** API Management compares names without case; folders cannot have every character. */
function isSame(name: string, id: string): boolean {
  return name.toLowerCase() === id.toLowerCase() || plainName(name).toLowerCase() === plainName(id).toLowerCase();
}
