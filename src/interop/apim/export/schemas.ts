import { parseDocument } from "yaml";
import type { OpenSchema } from "#model/open-definition.ts";
import { isRecord } from "#interop/apim/import/information.ts";
import { type Export, putInformation } from "./export.ts";

/**
 * Schemas that `validate-content` names, in the form of the management API. APIOps itself neither extracts nor publishes
 * them: they are beside the rest for whoever deploys, and for an import.
 */
export function exportSchemas(context: Export): void {
  for (const schema of context.open.schemas) {
    const path = `schemas/${schema.name}/schemaInformation.json`;
    const properties = schema.kind === "xml" ? ofXml(schema, context) : ofJson(schema, context);
    if (properties === undefined) continue;
    putInformation(context, path, properties);
    context.report.map(`schemas.${schema.name}`, path);
    context.report.change(
      `schemas.${schema.name}`,
      "is to be put there by the deployment: APIOps does not publish schemas",
    );
  }
}

function ofXml({ name, document }: OpenSchema, { report }: Export): Readonly<Record<string, unknown>> {
  if (/<(?:[\w.-]+:)?(?:include|import|redefine)\b/.test(document.text)) {
    report.change(`schemas.${name}`, "includes or imports others, which are schemas of their own there");
  }
  return { schemaType: "xml", value: document.text };
}

/** YAML becomes the JSON that it stands for. */
function ofJson({ name, document, at }: OpenSchema, { report }: Export): Readonly<Record<string, unknown>> | undefined {
  const found: unknown = parseDocument(document.text).toJS({ maxAliasCount: 100 });
  if (isRecord(found)) return { schemaType: "json", document: found };
  report.refuse(`schemas.${name}`, at, "is no map: a schema of API Management is one");
  return undefined;
}
