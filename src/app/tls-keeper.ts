import type { WorkloadIssuer } from "#edge/acme-server/issuer.ts";
import { type CertificateStore, createCertificateStore } from "#edge/certificate-store.ts";
import type { CertificateSource } from "#edge/edge-types.ts";
import { createInternalCa } from "#edge/internal-ca.ts";
import type { Clock, Log, Random } from "#model/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { certificateNames } from "./certificate-names.ts";
import type { ToWorker } from "./messages.ts";

/** Certificates of the workers, on main. */
export interface TlsKeeper {
  readonly rootFile: string;
  certificates(): CertificateSource;
  readonly issuer: WorkloadIssuer;
  /** PEM of the roots that clients of ours may be verified against. */
  roots(): string;
  setNames(names: readonly string[]): Promise<void>;
  stop(): void;
}

export interface TlsOptions {
  readonly snapshot: Snapshot;
  readonly caPath: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly publish: (message: ToWorker) => void;
}

/** @returns undefined when TLS is off @throws GatewayError `store-corrupt` when the CA's root cannot be used */
export async function openTls(options: TlsOptions): Promise<TlsKeeper | undefined> {
  const { snapshot, caPath, clock, random, log, publish } = options;
  if (snapshot.edge.tls === "off") return undefined;
  const ca = await createInternalCa({ directory: caPath, clock, random, log });
  const store: CertificateStore = await createCertificateStore({
    ca,
    names: certificateNames(snapshot),
    clock,
    log,
    onRenewed: (certificates) => publish({ type: "certificates", certificates }),
  });
  return {
    rootFile: ca.rootFile,
    issuer: ca,
    certificates: () => store.current(),
    roots: () => ca.rootCertificatePem,
    setNames: (names) => store.setNames(names),
    stop: () => store.stop(),
  };
}
