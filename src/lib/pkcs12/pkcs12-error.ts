/** `password`: it is not that of the file, or the file is damaged. `algorithm`: encrypted in a way that is not read here. */
export type Pkcs12Problem = "malformed" | "password" | "algorithm" | "iterations";

/** A PKCS#12 file that cannot be read. Nothing of the file or of its password is in the message. */
export class Pkcs12Error extends Error {
  readonly problem: Pkcs12Problem;

  constructor(problem: Pkcs12Problem) {
    super(`PKCS#12: ${problem}`);
    this.problem = problem;
  }
}
