import type { FileRoom } from "#content/file-room.ts";
import { linkFiles } from "#content/serve-files.ts";
import type { Outcome, StepResult } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import type { Ending } from "#model/definition.ts";

/**
 * Pages of errors: files of an ending, which the definition gives to whoever was refused by naming it in on-error. Not a
 * handler: nothing is let through, no permit is spent, and the status stays that of the error.
 */
export function linkErrorPages(
  endings: readonly Ending[],
  room: FileRoom,
): (exchange: Exchange, ending: number) => StepResult {
  const pages = endings.map(({ handler }) => (handler.kind === "files" ? linkFiles(handler, room) : null));
  return async (exchange, ending): Promise<Outcome> => {
    const serve = pages[ending];
    const error = exchange.response;
    if (serve === null || serve === undefined || error === null) return undefined;
    const outcome = await serve(exchange);
    const page = exchange.response;
    const isPage = outcome === undefined && page !== null && page !== error && page.status === 200;
    exchange.response = isPage ? withStatusOf(error, page) : error;
    return undefined;
  };
}

/** What says that the file is not changed, or may be had in parts, is not true of an error. */
function withStatusOf({ status, statusText }: ResponseDraft, { headers, body, origin }: ResponseDraft): ResponseDraft {
  for (const name of ["etag", "last-modified", "accept-ranges", "cache-control"]) headers.delete(name);
  return new ResponseDraft(status, statusText, headers, body, origin);
}
