import type { SiteRequest, SiteResponse } from "#model/site.ts";
import type { SitePorts } from "./ports.ts";

/**
 * The keys that assertions are signed with, for verifiers. Unlike a page it may be kept: no key signs that has been
 * published for less time than that.
 * @see RFC 7517 §5, §8.5.1
 */
export function keySet(_request: SiteRequest, { assertionKeys }: SitePorts): SiteResponse {
  const { keys, maxAgeSeconds } = assertionKeys();
  return {
    status: 200,
    headers: [
      "Content-Type",
      "application/jwk-set+json",
      "Cache-Control",
      `public, max-age=${maxAgeSeconds}`,
      "Access-Control-Allow-Origin",
      "*",
      "X-Content-Type-Options",
      "nosniff",
    ],
    body: `${JSON.stringify({ keys })}\n`,
  };
}
