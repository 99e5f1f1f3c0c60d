import { compareBodies } from "./compare-bodies.ts";
import { compareCookies } from "./compare-cookies.ts";
import { compareHeaders } from "./compare-headers.ts";
import type { Difference } from "./difference.ts";
import { compareRedirects, redirectOf, tellRedirect } from "./compare-redirects.ts";
import type { Ignored, NoAnswer, SeenAnswer, SeenRequest } from "./seen-answer.ts";

/** Of one pair of answers; the first say enough. */
const most = 50;
const noBodies: ReadonlySet<string> = new Set(["HEAD"]);

/**
 * In what the answers of two gateways to one request differ; nothing: they are the same. Where one refuses and the other
 * does not, everything else would differ as well, and is not told.
 */
export function compareAnswers(
  request: SeenRequest,
  old: SeenAnswer | NoAnswer,
  fresh: SeenAnswer | NoAnswer,
  ignored: Ignored,
): readonly Difference[] {
  if (!("status" in old) || !("status" in fresh)) return silence(old, fresh);
  if (old.status !== fresh.status) {
    return [{ kind: "status", place: "", old: statusOf(old, request), fresh: statusOf(fresh, request) }];
  }
  const found = [
    ...compareRedirects(old, fresh, request, ignored),
    ...compareHeaders(old, fresh, ignored),
    ...compareCookies(old, fresh, ignored),
  ];
  if (!noBodies.has(request.method)) found.push(...compareBodies(old, fresh, ignored, most));
  return found.slice(0, most);
}

/** A redirect says where to: another path than here is what is mostly missing. */
function statusOf(answer: SeenAnswer, request: SeenRequest): string {
  const where = redirectOf(answer, request);
  return where === null ? String(answer.status) : `${answer.status} ${tellRedirect(where, request)}`;
}

function silence(old: SeenAnswer | NoAnswer, fresh: SeenAnswer | NoAnswer): readonly Difference[] {
  return [{ kind: "no-answer", place: "", old: said(old), fresh: said(fresh) }];
}

function said(answer: SeenAnswer | NoAnswer): string {
  return "status" in answer ? String(answer.status) : answer.problem;
}
