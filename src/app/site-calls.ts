import { Places } from "#lib/places.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";

/** Of one worker: far fewer than its control calls, which leases of quotas and sessions need as well. */
const mostPages = 128;
/** Whoever logs in has a provider asked, which may take seconds. An office behind one address logs in a few at a time. */
const mostLoginsOfOne = 16;

/**
 * Hands requests for the gateway's own pages to main, so many at a time: they are for everybody, and each may wait for
 * seconds. Null: there is no place, and nobody waits for one.
 */
export function boundedSite(
  ask: (request: SiteRequest) => Promise<SiteResponse>,
): (request: SiteRequest) => Promise<SiteResponse> | null {
  const pages = new Places(mostPages, mostPages);
  const logins = new Places(mostPages, mostLoginsOfOne);
  return (request) => {
    const { clientAddress } = request;
    const isLogin = request.path === "/login" || request.path === "/callback";
    if (isLogin && !logins.take(clientAddress)) return null;
    const leaveLogin = (): void => (isLogin ? logins.leave(clientAddress) : undefined);
    if (!pages.take("")) {
      leaveLogin();
      return null;
    }
    return ask(request).finally(() => {
      pages.leave("");
      leaveLogin();
    });
  };
}
