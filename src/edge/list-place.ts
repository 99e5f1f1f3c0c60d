import type { Http1Response } from "./http1-response.ts";
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
    find(issuer).then(
      (list) => answer(response, list === null ? 404 : 200, list),
      () => answer(response, 503, null),
    );
    return undefined;
  };
}

function answer(response: Http1Response, status: number, list: Uint8Array | null): void {
  const type = list === null ? [] : ["Content-Type", "application/pkix-crl", "Cache-Control", caching];
  response.answer(status, type, list);
}
