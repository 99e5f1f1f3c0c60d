import { type Import, policyFile } from "./import.ts";

const usable = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** Policy fragments, and the policies of all APIs. */
export function importGlobals(context: Import): void {
  const { artifacts, draft, report, settled } = context;
  draft.policies = policyFile(context, "policy.xml", "policy.xml");
  if (draft.policies !== undefined) report.map("policy.xml", "policies");
  for (const path of artifacts.texts.keys()) {
    const [kind, id = "", file, ...rest] = path.split("/");
    if (kind !== "policy fragments" || file === undefined || rest.length > 0) continue;
    settled.add(path);
    if (file !== "policy.xml") continue;
    if (!usable.test(id)) {
      report.refuse(path, `the fragment ${id} cannot be the name of one: rename it, and where it is included`);
      continue;
    }
    const name = policyFile(context, path, `fragments/${id}.xml`);
    if (name === undefined) continue;
    draft.put("fragments", id, name, [path]);
    report.map(path, `fragments.${id}`);
  }
}
