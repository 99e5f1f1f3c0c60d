import type { Import } from "./import.ts";
import { type Information, resourcesOf } from "./information.ts";

const usable = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/**
 * Schemas of the service that `validate-content` names. APIOps does not extract them: they are there where somebody has
 * put them beside the rest, in the form of the management API.
 */
export function importSchemas(context: Import): void {
  const { draft, report } = context;
  for (const { id, path, information } of resourcesOf(context, "schemas", "schemaInformation.json")) {
    if (!usable.test(id)) {
      report.refuse(path, `the schema ${id} cannot be the name of one: rename it, and where it is named`);
      continue;
    }
    const kind = information.text("schemaType")?.toLowerCase();
    const text = kind === "json" || kind === "xml" ? textOf(information) : undefined;
    if (text === undefined || (kind !== "json" && kind !== "xml")) {
      report.refuse(path, "is no schema of JSON or XML with its text");
      continue;
    }
    const file = draft.file(`schemas/${id}.${kind === "xml" ? "xsd" : "json"}`, text);
    draft.put("schemas", id, { [kind]: file }, [path]);
    report.map(path, `schemas.${id}`);
  }
}

/** One of XML stands in `value`, one of JSON in `document`, as a map. */
function textOf(information: Information): string | undefined {
  return information.text("value") ?? information.json("document") ?? information.json("value");
}
