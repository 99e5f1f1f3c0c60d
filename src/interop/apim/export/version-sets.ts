import { type Export, putInformation } from "./export.ts";

export function exportVersionSets(context: Export): void {
  for (const { name, scheme } of context.open.versionSets) {
    const path = `version sets/${name}/versionSetInformation.json`;
    const { kind } = scheme;
    putInformation(context, path, {
      displayName: name,
      versioningScheme: { segment: "Segment", header: "Header", query: "Query" }[kind],
      ...(kind === "header" ? { versionHeaderName: scheme.parameter } : {}),
      ...(kind === "query" ? { versionQueryName: scheme.parameter } : {}),
    });
    context.report.map(`versionSets.${name}`, path);
  }
  for (const { name, version } of context.definition.apis) {
    if (version?.isDefault === true) {
      context.report.change(`apis.${name}`, "is not served without a version there: a version set has no default");
    }
  }
}
