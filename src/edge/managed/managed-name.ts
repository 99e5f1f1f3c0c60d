import { keyTypeOf } from "#edge/acme/keys.ts";
import { AcmeError } from "#edge/acme/problem.ts";
import type { RevocationReason } from "#model/revocation.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { CertificateTree } from "./certificate-tree.ts";
import { freshState, type NameState } from "./name-state.ts";
import { lockName, type NameLocks } from "./name-locks.ts";
import { type Means, obtain, type Obtained, ObtainError } from "./obtain.ts";
import { nextTryAt, planRenewal, renewAt } from "./schedule.ts";
import type { StoredCertificate } from "./stored-certificate.ts";

export interface NameContext {
  readonly means: Means;
  readonly tree: CertificateTree;
  readonly locks: NameLocks;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly fraction: () => number;
  readonly log: Log;
  /** Its certificate or its state changed. */
  readonly onChange: () => void;
  readonly stopping: () => boolean;
}

const minute = 60_000;

/** One name and the certificate that it is served with. */
export class ManagedName {
  readonly name: string;
  certificate: StoredCertificate | null = null;
  state: NameState = freshState;
  readonly #context: NameContext;
  readonly #permit: (() => Promise<boolean>) | null;
  #running: Promise<void> | null = null;

  /** @param permit asked before each order; null: the definition names it */
  constructor(name: string, context: NameContext, permit: (() => Promise<boolean>) | null = null) {
    this.name = name;
    this.#context = context;
    this.#permit = permit;
  }

  /** @param anew what was given up, or waits for its next try, is tried now */
  async load(anew: boolean): Promise<void> {
    const { tree } = this.#context;
    this.certificate = await tree.certificate(this.name);
    const state = await tree.state(this.name);
    const givenUp = state.failures > 0 && state.nextTryAt === null;
    this.state = anew || givenUp ? { ...state, failures: 0, failingSince: null, nextTryAt: null } : state;
  }

  /** When something is to be done; null when it was given up. Milliseconds since the epoch. */
  dueAt(): number | null {
    const { state, certificate } = this;
    if (state.failures > 0 || state.nextTryAt !== null) return state.nextTryAt;
    if (certificate === null || state.replace !== null) return 0;
    return renewAt(certificate, state.planned);
  }

  get busy(): boolean {
    return this.#running !== null;
  }

  /** Does what is due; one at a time. Never rejects: what fails is in the state, and in the log. */
  check(): Promise<void> {
    this.#running ??= this.#check()
      .catch((error: unknown) => {
        this.#context.log.error("the certificate storage failed", { name: this.name, error: String(error) });
      })
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  /** Orders another certificate at once; the one before is revoked afterwards when there is a reason. */
  async replace(revoke: RevocationReason | null): Promise<void> {
    await this.#set({ replace: { revoke }, failures: 0, failingSince: null, nextTryAt: null });
  }

  async #check(): Promise<void> {
    if (this.#context.locks.shared) await this.#takeOver();
    await this.#askWhen();
    await this.#revokeOld();
    const due = this.dueAt();
    if (due !== null && due <= this.#context.clock.now()) await this.#renew();
  }

  /** What another node has put into the shared storage. */
  async #takeOver(): Promise<void> {
    const { tree } = this.#context;
    const stored = await tree.certificate(this.name);
    if (stored === null || stored.serial === this.certificate?.serial) return;
    this.certificate = stored;
    this.state = await tree.state(this.name);
    this.#context.onChange();
  }

  /** Asks the authority when it wishes the certificate to be renewed; when it does not say, the wish before stands. */
  async #askWhen(): Promise<void> {
    const { clock, means, fraction, log } = this.#context;
    const authority = means.authorities.find(({ directory }) => directory === this.state.issuer);
    if (this.certificate === null || authority === undefined) return;
    if (this.state.planned !== null && clock.now() < this.state.planned.window.askAgainAt) return;
    try {
      const window = await authority.renewalWindow(this.certificate.chainPem);
      if (window !== null) await this.#set({ planned: planRenewal(window, this.state.planned, fraction()) });
    } catch (error) {
      log.warn("the authority did not say when to renew", { name: this.name, problem: (error as Error).message });
    }
  }

  async #revokeOld(): Promise<void> {
    const { toRevoke } = this.state;
    const { means, log } = this.#context;
    const authority = means.authorities.find(({ directory }) => directory === toRevoke?.issuer);
    if (toRevoke === null || authority === undefined) return;
    try {
      await authority.revoke(toRevoke.chainPem, toRevoke.reason);
      await this.#set({ toRevoke: null });
      log.info("certificate revoked", { name: this.name, issuer: authority.name, reason: toRevoke.reason });
    } catch (error) {
      log.error("the replaced certificate is not revoked yet", {
        name: this.name,
        issuer: authority.name,
        problem: (error as Error).message,
      });
    }
  }

  async #renew(): Promise<void> {
    const lock = await lockName(this.#context, this.name);
    if (lock === null) return this.#set({ nextTryAt: this.#context.clock.now() + minute });
    try {
      await this.#renewLocked(lock.held);
    } finally {
      await lock.release();
    }
  }

  async #renewLocked(held: () => Promise<boolean>): Promise<void> {
    const { clock, locks } = this.#context;
    if (locks.shared) {
      await this.#takeOver();
      const due = this.dueAt();
      if (due === null || due > clock.now()) return;
    }
    try {
      await this.#askPermission();
      const obtained = await obtain(await this.#need(), this.#context.means);
      if (!(await held())) return;
      await this.#obtained(obtained);
    } catch (error) {
      if (!this.#context.stopping()) await this.#failed(error);
    }
    if (this.state.toRevoke !== null) await this.#revokeOld();
  }

  /** The first order comes right behind a permission; who permitted it then may think otherwise later. */
  async #askPermission(): Promise<void> {
    if (this.#permit === null || (this.certificate === null && this.state.failures === 0)) return;
    if (!(await this.#permit())) throw new Error("it is not permitted (any more)");
  }

  async #need(): Promise<Parameters<typeof obtain>[0]> {
    const { tree } = this.#context;
    return {
      name: this.name,
      current: this.certificate,
      currentIssuer: this.state.issuer,
      servedKeyType: this.certificate === null ? "p256" : keyTypeOf(this.certificate.key),
      retrying: this.state.failures > 0,
      order: await tree.order(this.name),
      saveOrder: (order) => tree.saveOrder(this.name, order),
    };
  }

  async #obtained({ authority, certificate, passedOver }: Obtained): Promise<void> {
    const { tree, log, clock } = this.#context;
    const before = this.certificate;
    const { issuer, replace } = this.state;
    const revoke = replace?.revoke ?? null;
    // The certificate first: a crash in between costs nothing but what the state knew of the one before.
    await tree.saveCertificate(this.name, certificate);
    this.certificate = certificate;
    const toRevoke =
      revoke === null || before === null || issuer === null
        ? this.state.toRevoke
        : { issuer, chainPem: before.chainPem, reason: revoke };
    const gaveNone = passedOver.map((error) => describe(error, clock.now()).shown);
    await this.#set({ ...freshState, issuer: authority.directory, toRevoke, passedOver: gaveNone });
    await tree.saveOrder(this.name, null);
    log.info("certificate issued", {
      name: this.name,
      issuer: authority.name,
      notAfter: new Date(certificate.notAfter).toISOString(),
    });
  }

  async #failed(error: unknown): Promise<void> {
    const { clock, fraction, log, means } = this.#context;
    const now = clock.now();
    const failures = this.state.failures + 1;
    const failingSince = this.state.failingSince ?? now;
    const failure = describe(error, now);
    if (!(error instanceof ObtainError)) {
      means.meter.add("sallyport_certificate_renewal_failures_total", { name: this.name, issuer: "none" });
    }
    const next = nextTryAt(failures, failingSince, now, failure.wantedMs, fraction());
    const passedOver = error instanceof ObtainError ? error.passedOver.map((one) => describe(one, now).shown) : [];
    await this.#set({ failures, failingSince, lastFailure: failure.shown, passedOver, nextTryAt: next });
    log.error("no certificate could be had; what there is goes on serving", {
      name: this.name,
      issuer: failure.shown.issuer,
      problem: failure.shown.text,
      failures,
      nextTry: next === null ? "never: given up after 30 days" : new Date(next).toISOString(),
      notAfter: this.certificate === null ? null : new Date(this.certificate.notAfter).toISOString(),
    });
  }

  async #set(change: Partial<NameState>): Promise<void> {
    this.state = { ...this.state, ...change };
    await this.#context.tree.saveState(this.name, this.state);
    this.#context.onChange();
  }
}

interface Described {
  readonly shown: NonNullable<NameState["lastFailure"]>;
  readonly wantedMs: number;
}

function describe(error: unknown, at: number): Described {
  const cause = deepest(error);
  const known = error instanceof ObtainError ? error : null;
  return {
    shown: {
      at,
      issuer: known?.authority.name ?? "",
      challenge: known?.challenge ?? null,
      type: cause instanceof AcmeError ? cause.problem.type : "",
      text: error instanceof Error ? error.message : String(error),
    },
    wantedMs: cause instanceof AcmeError ? cause.retryAfterMs : 0,
  };
}

/** What the authority said, below what was made of it on the way. */
function deepest(error: unknown): unknown {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof AcmeError) return at;
  return error;
}
