import type { Difference } from "./difference.ts";
import { headerOf, type Ignored, type SeenAnswer, type SeenRequest } from "./seen-answer.ts";
import { tellPath } from "./tell-place.ts";

export const withSlash = "to the path with a slash";
export const withoutSlash = "to the path without the slash";

/** Where a redirect leads. */
interface Redirect {
  /** Scheme and host; empty: where the request went. */
  readonly origin: string;
  readonly path: string;
  /** With its question mark; never told: what stands there can be a secret. */
  readonly query: string;
}

/** A name that nobody has stands for wherever the request was sent. @see RFC 6761 §6.4 */
const here = "http://same.invalid";

/** Null: it leads nowhere. */
export function redirectOf(answer: SeenAnswer, { path }: SeenRequest): Redirect | null {
  const location = headerOf(answer, "location");
  if (location === null) return null;
  const url = URL.parse(location, `${here}${path}`);
  if (url === null) return null;
  return { origin: url.origin === here ? "" : url.origin, path: url.pathname, query: url.search };
}

export function tellRedirect({ origin, path, query }: Redirect, request: SeenRequest): string {
  if (path === `${request.path}/`) return withSlash;
  if (`${path}/` === request.path) return withoutSlash;
  return `to ${origin}${tellPath(path)}${query === "" ? "" : "?…"}`;
}

/** Gateways name themselves in full, or leave it to the client: a host that one does not say is no difference. */
export function compareRedirects(
  old: SeenAnswer,
  fresh: SeenAnswer,
  request: SeenRequest,
  ignored: Ignored,
): readonly Difference[] {
  if (ignored.headers.has("location")) return [];
  const [was, is] = [redirectOf(old, request), redirectOf(fresh, request)];
  if (was === null && is === null) return [];
  const sameHost = was?.origin === is?.origin || was?.origin === "" || is?.origin === "";
  if (was !== null && is !== null && sameHost && was.path === is.path && was.query === is.query) return [];
  const told = (one: Redirect | null): string => (one === null ? "nowhere" : tellRedirect(one, request));
  return [{ kind: "redirect", place: "location", old: told(was), fresh: told(is) }];
}
