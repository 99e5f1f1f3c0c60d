import { Places } from "#lib/places.ts";
import { WaitingPlaces } from "#lib/waiting-places.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";

/** Of one worker: far fewer than its control calls, which leases of quotas and sessions need as well. */
const mostPages = 128;
/**
 * Whoever logs in has a provider asked, which may take seconds. An office behind one address logs in a few at a time; the
 * others of it wait a little, as all of them come at nine.
 */
const logins = { most: mostPages, mostOfOne: 16, mostWaiting: 256, mostWaitingOfOne: 128, patienceMs: 3000 };

type Ask = (request: SiteRequest) => Promise<SiteResponse>;

/**
 * Hands requests for the gateway's own pages to main, so many at a time: they are for everybody, and each may wait for
 * seconds. Null: there is no place.
 */
export function boundedSite(ask: Ask): (request: SiteRequest) => Promise<SiteResponse | null> {
  const pages = new Places(mostPages, mostPages);
  const places = new WaitingPlaces(logins);
  const page: (request: SiteRequest) => Promise<SiteResponse | null> = async (request) => {
    if (!pages.take("")) return null;
    try {
      return await ask(request);
    } finally {
      pages.leave("");
    }
  };
  return async (request) => {
    const { path, clientAddress } = request;
    if (path !== "/login" && path !== "/callback") return page(request);
    if (!(await places.enter(clientAddress))) return null;
    try {
      return await page(request);
    } finally {
      places.leave(clientAddress);
    }
  };
}
