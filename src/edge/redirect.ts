import { Buffer } from "node:buffer";
import { isIPv6 } from "node:net";
import type { ChallengeAnswers } from "./challenge-answers.ts";
import type { Http1Intake } from "./http1-intake.ts";
import type { Http1Response } from "./http1-response.ts";

export type Divert = (intake: Http1Intake, response: Http1Response) => void;

/** Answers a certificate authority that validates one of our names; everyone else goes on to `next`. */
export function answeringChallenges(answers: ChallengeAnswers, next: Divert): Divert {
  return (intake, response) => {
    const answer = answers.http(intake.method, intake.host, intake.path);
    if (answer === undefined) return next(intake, response);
    return response.answer(200, ["Content-Type", "application/octet-stream"], Buffer.from(answer));
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
    response.answer(308, ["Location", location], null);
  };
}
