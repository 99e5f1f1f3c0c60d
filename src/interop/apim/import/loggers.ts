import { insightsLoggers } from "./diagnostics.ts";
import type { Setting, Settings } from "./draft.ts";
import { tokenOf } from "./environments.ts";
import type { Import } from "./import.ts";
import { Information, type Resource, resourcesOf } from "./information.ts";
import { plainName, variableName } from "./names.ts";

/** Loggers of Event Hubs that policies log to, and of Application Insights that diagnostics name. */
export function importLoggers(context: Import): void {
  const { report, settled } = context;
  const used = usedBy(context);
  const told = new Map(insightsLoggers(context));
  for (const resource of resourcesOf(context, "loggers", "loggerInformation.json")) {
    const { id, path, information } = resource;
    settled.add(path);
    const kind = information.text("loggerType") ?? "unknown";
    if (kind === "azureEventHub" && used.has(id.toLowerCase())) importLogger(context, resource, used);
    else if (kind === "applicationInsights" && told.has(id.toLowerCase())) importInsights(context, resource, told);
    else report.note(path, `is a logger of the kind ${kind} that nothing here names: not carried over`);
  }
  for (const { name, path } of told.values()) {
    if (context.draft.has("loggers", name)) continue;
    const applicationInsights = { connectionString: lookedFor(report, name, path, insightsText) };
    context.draft.put("loggers", name, { applicationInsights }, [`named by ${path}`]);
  }
  for (const { name, path } of used.values()) {
    const eventHub = { connection: lookedFor(report, name, path, hubText) };
    context.draft.put("loggers", name, { eventHub }, [`named by ${path}`]);
  }
}

const hubText = (id: string): string => `connection string of the event hub of ${id}, with its EntityPath`;
const insightsText = (id: string): string => `connection string of the Application Insights of ${id}`;

interface Use {
  /** As the document writes it. */
  readonly name: string;
  readonly path: string;
}

/** By the id in lower case, as API Management compares it. */
function usedBy({ artifacts, fill, report }: Import): Map<string, Use> {
  const used = new Map<string, Use>();
  for (const [path, document] of artifacts.texts) {
    if (!path.endsWith(".xml") || path.startsWith("workspaces/")) continue;
    const text = fill(document).replaceAll(/<!--[\s\S]*?-->/g, "");
    for (const [, name = ""] of text.matchAll(/<log-to-eventhub\b[^>]*?\blogger-id\s*=\s*["']([^"'@{}]+)["']/g)) {
      if (plainName(name) === name) used.set(name.toLowerCase(), { name, path });
      else report.refuse(path, `${name} cannot be the name of a logger here`);
    }
  }
  return used;
}

function importLogger(context: Import, { id, path, information }: Resource, used: Map<string, Use>): void {
  const { draft, report, environments } = context;
  const { name = id } = used.get(id.toLowerCase()) ?? {};
  used.delete(id.toLowerCase());
  const all = environments.names.map((environment) =>
    information.with(environments.override(environment, "loggers", id)).inner("credentials"),
  );
  draft.put("loggers", name, { eventHub: hubOf(context, name, path, all) }, [path]);
  report.map(path, `loggers.${name}`);
}

/** Its key alone will do as well: it is a connection to where instances without a region are. */
function importInsights(
  context: Import,
  { id, path, information }: Resource,
  told: Map<string, { readonly name: string; readonly path: string }>,
): void {
  const { draft, report, environments } = context;
  const { name = plainName(id) } = told.get(id.toLowerCase()) ?? {};
  told.delete(id.toLowerCase());
  const all = environments.names.map((environment) =>
    information.with(environments.override(environment, "loggers", id)).inner("credentials"),
  );
  const [identityClientId, ...others] = all.map((one) => one.text("identityClientId"));
  if (others.some((other) => other !== identityClientId)) {
    report.note(path, `${name} has another identityClientId in each environment: here it has the first one's`);
  }
  const texts = all.map((one) => one.text("connectionString") ?? one.text("instrumentationKey") ?? "");
  const connectionString = texts.some((text) => text !== "")
    ? connectionOf(context, name, path, texts, insightsText)
    : lookedFor(report, name, path, insightsText);
  draft.put("loggers", name, { applicationInsights: { connectionString, identityClientId } }, [path]);
  report.map(path, `loggers.${name}`);
}

function hubOf(context: Import, id: string, path: string, all: readonly Information[]): Settings {
  const [first = new Information({})] = all;
  for (const name of ["name", "endpointAddress", "identityClientId"]) {
    if (all.some((one) => one.text(name) !== first.text(name)))
      context.report.refuse(path, `${id} has another ${name} in each environment: here it has the first one's`);
  }
  const connections = all.map((one) => one.text("connectionString") ?? "");
  const name = first.text("name");
  if (connections.some((text) => text !== ""))
    return { name, connection: connectionOf(context, id, path, connections, hubText) };
  const clientId = first.text("identityClientId");
  const endpoint = first.text("endpointAddress");
  if (endpoint === undefined) return { name, connection: lookedFor(context.report, id, path, hubText) };
  return {
    name,
    namespace: endpoint.replace(/^\w+:\/\//, "").replace(/[/:].*$/, ""),
    ...(clientId === undefined || /^systemAssigned$/i.test(clientId) ? {} : { clientId }),
  };
}

/** A named value stays one; what is written out becomes a file of its own, as keys do. */
function connectionOf(
  { draft, report, environments }: Import,
  id: string,
  path: string,
  texts: readonly string[],
  what: (id: string) => string,
): Setting {
  const [text = ""] = texts;
  const token = tokenOf(text);
  if (token !== undefined || texts.some((other) => other !== text)) return lookedFor(report, id, path, what, token);
  const [, value] = /^\{\{\s*([^{}]+?)\s*\}\}$/.exec(text.trim()) ?? [];
  if (value !== undefined && !isKnown(environments, value))
    return lookedFor(report, id, path, what, variableName(value));
  if (text.includes("{{")) return text;
  const file = `secrets/${id}.connection`;
  draft.secrets.set(file, `${text}\n`);
  return { file: `./${file}` };
}

/** An extract may lack named values that the service makes for itself. */
function isKnown({ values }: Import["environments"], name: string): boolean {
  return [...values.values()].some((one) => one.has(name));
}

function lookedFor(
  report: Import["report"],
  id: string,
  path: string,
  what: (id: string) => string,
  token?: string,
): Settings {
  const variable = token ?? `${variableName(id)}_CONNECTION`;
  report.need(variable, path, what(id));
  return { env: variable };
}
