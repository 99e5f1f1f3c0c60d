import { bodyOf } from "#cli/admin/answers.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { hashDefinition } from "#compile/canonical.ts";
import type { Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";
import { type Address, reachable } from "./address.ts";

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
  readonly listener: Address | null;
}

/** Whether the gateway runs this very definition. @throws AdminFailure when nobody answers */
export async function runningFinding(
  options: AdminOptions,
  { definition, whole }: { readonly definition: Definition; readonly whole: boolean },
): Promise<Running> {
  const started = performance.now();
  const status = bodyOf<Status>(await askGateway(options, "GET", "/status"));
  const base = { group: "gateway", name: "runs this definition", ms: performance.now() - started };
  return {
    finding: { ...base, ...judged(status, definition, whole) },
    listener: listenerOf(options, status, definition),
  };
}

function judged(
  { environment, configHash }: Status,
  definition: Definition,
  whole: boolean,
): Pick<Finding, "state" | "code" | "detail" | "fix"> {
  const code = "verify-configuration";
  if (environment !== definition.environment) {
    const detail = `it runs the environment ${environment}, not ${definition.environment}`;
    return { state: "failed", code, detail, fix: `start it with --env ${definition.environment}` };
  }
  const own = hashDefinition(definition);
  if (configHash === own) return { state: "passed", code, detail: `hash ${own.slice(0, 12)}`, fix: null };
  const detail = `it runs ${configHash.slice(0, 12)}, and this definition is ${own.slice(0, 12)}`;
  if (!whole) {
    const why = "its secrets and certificates cannot be read here";
    return { state: "warned", code, detail: `${detail}, or ${why}`, fix: "run this where the gateway's secrets are" };
  }
  return { state: "failed", code, detail, fix: "sallyport reload, or see what differs: sallyport drift" };
}

/** Of a gateway on another machine its listeners tell nothing about where it is reached. */
function listenerOf({ adminUrl }: AdminOptions, { listeners }: Status, { edge }: Definition): Running["listener"] {
  const scheme = edge.tls === "off" ? "http" : "https";
  const found = listeners.find((one) => one.scheme === scheme && one.port !== undefined);
  if (found?.host === undefined || found.port === undefined || adminUrl !== undefined) return null;
  return reachable({ host: found.host, port: found.port });
}
