import { isIPv6 } from "node:net";
import type { Http1Intake } from "./http1-intake.ts";
import type { OwnedResponse } from "./http1-client.ts";

/**
 * Sends a client of the clear-text port to HTTPS: 308, so that method and body stay. The target is put together from
 * the validated host and the normalised path, never from what was sent, so it cannot carry a header or lead elsewhere.
 *
 * @param httpsPort where HTTPS is reached
 */
export function createRedirect(httpsPort: () => number): (intake: Http1Intake, response: OwnedResponse) => void {
  return (intake, response) => {
    const { host, path, query } = intake;
    const port = httpsPort();
    const name = isIPv6(host) ? `[${host}]` : host;
    const location = `https://${name}${port === 443 ? "" : `:${port}`}${path}${query === "" ? "" : `?${query}`}`;
    response.writeHead(308, ["Location", location, "Content-Length", "0", "Connection", "close"]);
    response.end();
  };
}
