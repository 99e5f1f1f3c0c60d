import type { CertificateStatus, CertificateStatuses } from "#model/certificate-status.ts";
import type { ClientCertificate } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";

type Ask = (path: readonly Uint8Array[]) => Promise<CertificateStatus>;

const mostStatuses = 4096;
const failureMs = 1000;

/** What main has said of clients' certificates, kept by each worker as long as it holds: requests wait for the first one. */
export class KnownStatuses implements CertificateStatuses {
  readonly #ask: Ask;
  readonly #clock: Pick<Clock, "now">;
  readonly #known = new Map<string, CertificateStatus>();
  readonly #pending = new Map<string, Promise<CertificateStatus>>();
  /** Counts how often everything was forgotten. */
  #age = 0;

  constructor(ask: Ask, clock: Pick<Clock, "now">) {
    this.#ask = ask;
    this.#clock = clock;
  }

  of({ fingerprint, path }: ClientCertificate): CertificateStatus | Promise<CertificateStatus> {
    const known = this.#known.get(fingerprint);
    if (known !== undefined && this.#clock.now() < known.until) return known;
    const pending = this.#pending.get(fingerprint);
    if (pending !== undefined) return pending;
    const age = this.#age;
    const asked = this.#answer(path).then((status) => {
      // What was asked before something changed is an answer to who waits for it, and to nobody later.
      if (age === this.#age) this.#keep(fingerprint, status);
      return status;
    });
    this.#pending.set(fingerprint, asked);
    return asked;
  }

  /** Who is trusted, or what is revoked, has changed. */
  forget(): void {
    this.#age += 1;
    this.#known.clear();
    this.#pending.clear();
  }

  async #answer(path: readonly Uint8Array[]): Promise<CertificateStatus> {
    try {
      return await this.#ask(path);
    } catch (error) {
      return { status: "unknown", detail: (error as Error).message, until: this.#clock.now() + failureMs };
    }
  }

  #keep(fingerprint: string, status: CertificateStatus): void {
    this.#pending.delete(fingerprint);
    this.#known.delete(fingerprint);
    this.#known.set(fingerprint, status);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostStatuses && oldest !== undefined) this.#known.delete(oldest);
  }
}
