import { writeXmlFragment } from "#notation/xml/write.ts";
import { apimPolicies, type Export, putInformation, putPolicies } from "./export.ts";
import { tokenOfAll } from "./known-token.ts";
import { complete, isEmptyDocument } from "./sections.ts";

/** The policies of all APIs, and fragments. */
export function exportGlobals(context: Export): void {
  const { open, report, files, trees, form } = context;
  const start = { file: "sallyport.yaml", line: 1, column: 1 };
  const token = tokenOfAll(
    context,
    open.apis.map(({ name }) => name),
  );
  const document = apimPolicies(context, "policies", open.policies, token);
  if (!isEmptyDocument(document)) {
    putPolicies(context, "policies", "policy.xml", complete(document, true, start));
    report.map("policies", "policy.xml");
  }
  for (const { name, policies } of open.fragments) {
    const owner = `fragments.${name}`;
    const folder = `policy fragments/${name}`;
    const { inbound = [] } = apimPolicies(context, owner, { inbound: policies }, token);
    const { text, problems } = writeXmlFragment(inbound, form);
    for (const { at, message } of problems) report.refuse(owner, at, message);
    files.set(`${folder}/policy.xml`, text);
    trees.set(`${folder}/policy.xml`, { inbound });
    putInformation(context, `${folder}/policyFragmentInformation.json`, { description: name });
    report.map(owner, folder);
  }
}
