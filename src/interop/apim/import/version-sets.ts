import type { Settings } from "./draft.ts";
import type { Import } from "./import.ts";
import { type Information, resourcesOf } from "./information.ts";

export function importVersionSets(context: Import): void {
  // The second is what earlier versions of APIOps wrote.
  const files = ["versionSetInformation.json", "apiVersionSetInformation.json"];
  for (const { id, path, information } of files.flatMap((file) => resourcesOf(context, "version sets", file))) {
    const settings = schemeOf(information);
    if (settings === undefined) {
      context.report.refuse(path, `the version set ${id} does not say where the version stands`);
      continue;
    }
    const name = context.versionSets.give(id);
    context.draft.put("versionSets", name, settings, [path]);
    context.report.map(path, `versionSets.${name}`);
  }
}

function schemeOf(information: Information): Settings | undefined {
  const header = information.text("versionHeaderName");
  const query = information.text("versionQueryName");
  switch (information.text("versioningScheme")?.toLowerCase()) {
    case "segment":
      return { segment: true };
    case "header":
      return header === undefined ? undefined : { header };
    case "query":
      return query === undefined ? undefined : { query };
    default:
      return undefined;
  }
}
