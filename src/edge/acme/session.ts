import type { Clock } from "#model/ports.ts";
import type { AccountKey } from "./account-key.ts";
import { tryParse } from "./json.ts";
import { AcmeError, problemOf, unusable } from "./problem.ts";
import { type Directory, readDirectory } from "./resources.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { AcmeAnswer, AcmeTransport } from "./transport.ts";

/** Authorities may refuse nonces that they gave out themselves, and say so; more often than this is no accident. */
const nonceTries = 10;
const maxNonces = 16;

export interface SessionOptions {
  readonly directoryUrl: string;
  readonly transport: AcmeTransport;
  readonly key: AccountKey;
  readonly clock: Clock;
}

/** Signed requests to one authority in the name of one key. */
export class AcmeSession {
  readonly directory: Directory;
  readonly key: AccountKey;
  readonly transport: AcmeTransport;
  /** URL of the account, when it is known: it stands for the key from then on. */
  accountUrl: string | null = null;
  readonly #clock: Clock;
  readonly #nonces: string[] = [];

  private constructor(options: SessionOptions, directory: Directory) {
    this.directory = directory;
    this.key = options.key;
    this.transport = options.transport;
    this.#clock = options.clock;
  }

  static async open(options: SessionOptions): Promise<AcmeSession> {
    const { status, text } = await options.transport.get(options.directoryUrl);
    if (status !== 200) throw unusable(`the directory ${options.directoryUrl} answered ${status}`);
    return new AcmeSession(options, readDirectory(text));
  }

  /** POST-as-GET. */
  read(url: string, doing: string, accept: string = "application/json"): Promise<AcmeAnswer> {
    return this.#post(url, "", doing, accept);
  }

  post(url: string, payload: object, doing: string): Promise<AcmeAnswer> {
    return this.#post(url, JSON.stringify(payload), doing, "application/json");
  }

  /**
   * @param doing what is attempted, for the message of a failure
   * @throws AcmeError with the authority's own words; GatewayError `certificate-unavailable`
   */
  async #post(url: string, payload: string, doing: string, accept: string): Promise<AcmeAnswer> {
    for (let left = nonceTries; ; left -= 1) {
      const nonce = this.#nonces.pop() ?? (await this.#newNonce());
      const who = this.accountUrl === null ? { jwk: this.key.publicJwk } : { kid: this.accountUrl };
      const answer = await this.transport.post(url, await this.key.sign(payload, { ...who, nonce, url }), accept);
      this.#keepNonce(answer);
      if (answer.status < 400) return answer;
      const problem = problemOf(tryParse(answer.text), answer.status);
      if (problem.type === "badNonce" && left > 1) continue;
      throw new AcmeError(doing, problem, this.retryAfter(answer));
    }
  }

  /** Milliseconds that the authority asks to wait; 0 when it does not. */
  retryAfter({ headers }: AcmeAnswer): number {
    return retryAfterMs(headers.get("retry-after"), this.#clock.now());
  }

  async #newNonce(): Promise<string> {
    const answer = await this.transport.head(this.directory.newNonce);
    const nonce = answer.headers.get("replay-nonce");
    if (nonce === undefined || !isNonce(nonce)) throw unusable("the authority gave no nonce");
    return nonce;
  }

  #keepNonce({ headers }: AcmeAnswer): void {
    const nonce = headers.get("replay-nonce");
    if (nonce !== undefined && isNonce(nonce) && this.#nonces.length < maxNonces) this.#nonces.push(nonce);
  }
}

/** @see RFC 8555 §6.5.1 */
function isNonce(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,512}$/.test(text);
}
