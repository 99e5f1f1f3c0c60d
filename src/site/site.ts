import { GatewayError } from "#model/errors.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import type { SitePorts } from "./ports.ts";
import { problem } from "./problem.ts";
import { type SiteRow, siteTable } from "./table.ts";

export interface Site {
  /** Never rejects: what fails is a page that says so. */
  handle(request: SiteRequest): Promise<SiteResponse>;
}

/** The gateway's own pages, on main. */
export function createSite(ports: SitePorts, table: readonly SiteRow[] = siteTable): Site {
  return {
    handle: async (request) => {
      const here = table.filter((row) => isFor(row, request.path));
      if (here.length === 0) return problem(request, "route-not-found");
      const method = request.method === "HEAD" ? "GET" : request.method;
      const row = here.find(({ methods }) => methods.some((one) => one === method));
      if (row === undefined) return problem(request, "method-not-allowed", { headers: ["Allow", allowed(here)] });
      try {
        return await row.run(request, ports);
      } catch (error) {
        return failed(request, error, ports);
      }
    },
  };
}

function isFor({ path, below }: SiteRow, asked: string): boolean {
  return asked === path || (below === true && asked.startsWith(`${path}/`));
}

function allowed(rows: readonly SiteRow[]): string {
  const methods: readonly string[] = rows.flatMap((row) => row.methods);
  return (methods.includes("GET") ? [...methods, "HEAD"] : methods).join(", ");
}

/** The client learns that it failed; the log says why. */
function failed(request: SiteRequest, error: unknown, { log }: SitePorts): SiteResponse {
  const { id: requestId, path } = request;
  log.error("a page of the gateway failed", { requestId, path, error: describe(error) });
  return problem(request, "internal-error", error instanceof GatewayError ? { detail: error.code } : {});
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
