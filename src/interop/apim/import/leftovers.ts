import type { Override } from "./environments.ts";
import type { Import } from "./import.ts";

/** Properties of an environment's overrides that are carried over; of all other kinds, none is. */
const taken: Readonly<Record<string, readonly string[]>> = {
  namedValues: ["value", "secret", "keyVault", "displayName", "tags"],
  backends: ["url", "credentials"],
  apis: ["serviceUrl"],
  loggers: ["credentials"],
  diagnostics: [
    "loggerId",
    "sampling",
    "alwaysLog",
    "verbosity",
    "logClientIp",
    "httpCorrelationProtocol",
    "operationNameFormat",
    "metrics",
    "frontend",
    "backend",
  ],
};

/** A policy that does not run, or an API that is not there, changes what requests get. */
const matters =
  /(^|\/)(policy\.xml|(api|product|backend|namedValue|schema|subscription)Information\.json|specification\.\w+)$|^workspaces\//;

/** What nothing was made of, by name: nothing is left out silently. */
export function reportLeftovers(context: Import): void {
  const { artifacts, settled, report, environments } = context;
  for (const [path, text] of artifacts.texts) {
    if (settled.has(path)) continue;
    if (matters.test(path)) report.refuse(path, "is not carried over: nothing that is served has it");
    else report.note(path, text.trim() === "" ? "is empty" : "is not carried over");
  }
  for (const [path, reason] of artifacts.unread) report.note(path, `${reason}: not carried over`);
  for (const environment of environments.names) {
    for (const kind of environments.kinds(environment)) reportOverrides(context, environment, kind);
  }
}

function reportOverrides(context: Import, environment: string, kind: string): void {
  const { report, environments } = context;
  const from = `configuration.${environment}.yaml`;
  const overrides = environments.overrides(environment, kind);
  if (overrides.length === 0 && kind !== "apimServiceName") report.note(from, `${kind} is not carried over`);
  for (const override of overrides) {
    const rest = [...override.others, ...Object.keys(override.properties).filter((name) => !takes(kind, name))];
    if (rest.length > 0) report.note(from, `${kind} ${override.name}: ${rest.join(", ")} not carried over`);
    if (Object.hasOwn(taken, kind) && !exists(context, kind, override)) {
      report.note(from, `${kind} ${override.name}: the folder has none of this name`);
    }
  }
}

function takes(kind: string, property: string): boolean {
  return Object.hasOwn(taken, kind) && taken[kind]?.includes(property) === true;
}

function exists({ artifacts }: Import, kind: string, { name }: Override): boolean {
  const folder = kind === "namedValues" ? "named values" : kind;
  const start = `${folder}/${name}/`.toLowerCase();
  return [...artifacts.texts.keys()].some((path) => path.toLowerCase().startsWith(start));
}
