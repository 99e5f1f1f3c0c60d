import { join } from "node:path";
import { type ScriptPlace, ScriptSearch } from "#content/find-script.ts";
import { linkFiles, redirectToFolder } from "#content/serve-files.ts";
import { readSitePath } from "#content/site-path.ts";
import { refuse, type Outcome, type StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { FastCgiHandler } from "#model/handler.ts";
import type { Permit } from "#model/permit.ts";
import { forwardWith } from "#pipeline/forward-with.ts";
import type { CgiScript } from "#upstream/fastcgi/cgi-environment.ts";
import type { HandlerPorts } from "./link-handlers.ts";

/** Scripts go to the application server, what else lies in the folder is served as a file. */
export function linkFastCgi(
  handler: FastCgiHandler,
  { fastCgi, files, headersFor }: HandlerPorts,
): (exchange: Exchange, permit: Permit) => StepResult {
  const search = new ScriptSearch(handler, files.gate);
  const server = fastCgi.server(handler);
  const serveFile = linkFiles(filesOf(handler), files);
  return async (exchange, permit): Promise<Outcome> => {
    const path = readSitePath(exchange.request.path || "/");
    const place: ScriptPlace = path === undefined ? { kind: "missing" } : await search.find(path);
    switch (place.kind) {
      case "script": {
        const script = scriptOf(handler, exchange, place);
        const forward = { forward: (): ReturnType<typeof server.run> => server.run(exchange, permit, script) };
        return forwardWith(forward, exchange, permit, headersFor);
      }
      case "file":
        return serveFile(exchange);
      case "folder":
        return redirectToFolder(exchange);
      default:
        return refuse(place.kind === "forbidden" ? "file-forbidden" : "file-not-found");
    }
  };
}

function scriptOf(
  { scriptRoot }: FastCgiHandler,
  { api }: Exchange,
  { names, pathInfo }: Extract<ScriptPlace, { kind: "script" }>,
): CgiScript {
  const prefix = api === null || api.path === "/" ? "" : decodeURIComponent(api.path);
  return { root: scriptRoot, file: join(scriptRoot, ...names), name: `${prefix}/${names.join("/")}`, pathInfo };
}

/** No index and no paths to try: which file it is has been decided. */
function filesOf({ root, hide, cacheControl, precompressed }: FastCgiHandler): Parameters<typeof linkFiles>[0] {
  return { kind: "files", root, hide, cacheControl, precompressed, index: [], tryFiles: [], notFound: null };
}
