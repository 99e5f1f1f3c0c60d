import { bodyOf } from "#cli/admin/answers.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { hashDefinition } from "#compile/canonical.ts";
import type { Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";

interface Status {
  readonly environment: string;
  readonly configHash: string;
  readonly listeners: readonly ({ readonly scheme: string } & Partial<{
    readonly host: string;
    readonly port: number;
  }>)[];
}

export interface Running {
  readonly finding: Finding;
  /** Where it listens, on this machine. */
  readonly listener: { readonly host: string; readonly port: number } | null;
}

/** Whether the gateway runs this very definition. @throws AdminFailure when nobody answers */
export async function runningFinding(options: AdminOptions, definition: Definition): Promise<Running> {
  const started = performance.now();
  const status = bodyOf<Status>(await askGateway(options, "GET", "/status"));
  const base = { group: "gateway", name: "runs this definition", ms: performance.now() - started };
  return { finding: { ...base, ...judged(status, definition) }, listener: listenerOf(options, status, definition) };
}

function judged(
  { environment, configHash }: Status,
  definition: Definition,
): Pick<Finding, "state" | "code" | "detail" | "fix"> {
  const code = "verify-configuration";
  if (environment !== definition.environment) {
    const detail = `it runs the environment ${environment}, not ${definition.environment}`;
    return { state: "failed", code, detail, fix: `start it with --env ${definition.environment}` };
  }
  const own = hashDefinition(definition);
  if (configHash === own) return { state: "passed", code, detail: `hash ${own.slice(0, 12)}`, fix: null };
  const detail = `it runs ${configHash.slice(0, 12)}, and this definition is ${own.slice(0, 12)}`;
  return { state: "failed", code, detail, fix: "sallyport reload, or see what differs: sallyport drift" };
}

/** Of a gateway on another machine its listeners tell nothing about where it is reached. */
function listenerOf({ adminUrl }: AdminOptions, { listeners }: Status, { edge }: Definition): Running["listener"] {
  const scheme = edge.tls === "off" ? "http" : "https";
  const found = listeners.find((one) => one.scheme === scheme && one.port !== undefined);
  if (found?.host === undefined || found.port === undefined || adminUrl !== undefined) return null;
  return { host: found.host === "::" || found.host === "0.0.0.0" ? "127.0.0.1" : found.host, port: found.port };
}
