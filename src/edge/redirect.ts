import { isIPv6 } from "node:net";
import type { ChallengeAnswers } from "./challenge-answers.ts";
import type { Http1Intake } from "./http1-intake.ts";
import type { OwnedResponse } from "./http1-client.ts";

export type Divert = (intake: Http1Intake, response: OwnedResponse) => void;

/** Answers a certificate authority that validates one of our names; everyone else goes on to `next`. */
export function answeringChallenges(answers: ChallengeAnswers, next: Divert): Divert {
  return (intake, response) => {
    const answer = answers.http(intake.method, intake.host, intake.path);
    if (answer === undefined) return next(intake, response);
    const length = String(answer.length);
    response.writeHead(200, [
      "Content-Type",
      "application/octet-stream",
      "Content-Length",
      length,
      "Connection",
      "close",
    ]);
    response.end(answer);
    return undefined;
  };
}

/**
 * Sends a client of the clear-text port to HTTPS: 308, so that method and body stay. The target is put together from
 * the validated host and the normalised path, never from what was sent, so it cannot carry a header or lead elsewhere.
 *
 * @param httpsPort where HTTPS is reached
 */
export function createRedirect(httpsPort: () => number): Divert {
  return (intake, response) => {
    const { host, path, query } = intake;
    const port = httpsPort();
    const name = isIPv6(host) ? `[${host}]` : host;
    const location = `https://${name}${port === 443 ? "" : `:${port}`}${path}${query === "" ? "" : `?${query}`}`;
    response.writeHead(308, ["Location", location, "Content-Length", "0", "Connection", "close"]);
    response.end();
  };
}
