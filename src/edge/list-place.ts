import type { OwnedResponse } from "./http1-client.ts";
import type { Divert } from "./redirect.ts";

/** DER of a list; null: there is none of this issuer. @param issuer key identifier, hex */
export type FindList = (issuer: string) => Promise<Uint8Array | null>;

const folder = "/.sallyport/crl/";
const path = /^\/\.sallyport\/crl\/([0-9a-f]{40})\.crl$/;
/** A revocation is to be seen soon. */
const caching = "max-age=300";

/** @param host as it stands in a URL */
export function clearListUrl(host: string, port: number, issuer: string): string {
  return `http://${host}${port === 80 ? "" : `:${port}`}${folder}${issuer}.crl`;
}

/**
 * Gives the internal CA's revocation lists to whoever asks on a clear-text port: many programs fetch them there only, so
 * that no list is needed to fetch one. Everyone else goes on to `next`.
 *
 * @see RFC 5280 §8 (why not by HTTPS)
 */
export function answeringLists(find: FindList, next: Divert): Divert {
  return (intake, response) => {
    const issuer = path.exec(intake.path)?.[1];
    if (issuer === undefined || !/^(GET|HEAD)$/.test(intake.method)) return next(intake, response);
    const isHead = intake.method === "HEAD";
    find(issuer).then(
      (list) => answer(response, list === null ? 404 : 200, list, isHead),
      () => answer(response, 503, null, isHead),
    );
    return undefined;
  };
}

function answer(response: OwnedResponse, status: number, list: Uint8Array | null, isHead: boolean): void {
  // Whoever asked may be gone by now, or was told of a time-out.
  if (response.headersSent || response.destroyed) return;
  const type = list === null ? [] : ["Content-Type", "application/pkix-crl", "Cache-Control", caching];
  const length = String(list?.byteLength ?? 0);
  response.writeHead(status, [...type, "Content-Length", length, "Connection", "close"]);
  response.end(isHead || list === null ? undefined : list);
}
