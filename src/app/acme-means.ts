import type { AcmeIssuer, AcmeSettings } from "#model/certificates.ts";
import type { Meter } from "#model/metrics.ts";
import type { Clock, Egress, Log, Random } from "#model/ports.ts";
import type { Pause } from "#edge/acme/poll.ts";
import type { ChallengeType } from "#edge/acme/resources.ts";
import type { Solver } from "#edge/acme/solver.ts";
import { dnsSolverOf } from "#edge/dns/provider.ts";
import { AcmeAuthority } from "#edge/managed/acme-authority.ts";
import type { Authority } from "#edge/managed/authority.ts";
import type { CertificateTree } from "#edge/managed/certificate-tree.ts";
import type { ChallengeBoard } from "#edge/managed/challenge-board.ts";
import type { SharedAnswers } from "#edge/managed/shared-answers.ts";
import type { Means } from "#edge/managed/obtain.ts";

export interface MeansContext {
  readonly board: ChallengeBoard;
  /** Where nodes with the same storage find what is pending; null: this one is alone. */
  readonly shared: SharedAnswers | null;
  readonly tree: CertificateTree;
  /** @param ca PEM of CAs besides the machine's */
  readonly egress: (ca: string | null) => Egress;
  readonly clock: Clock;
  readonly random: Random;
  readonly pause: Pause;
  readonly log: Log;
  readonly meter: Meter;
}

/** What certificates are had with, as the definition says it. */
export function meansOf(settings: AcmeSettings, context: MeansContext): Means {
  const { board, shared, log, meter, clock, random, pause } = context;
  const all: Readonly<Partial<Record<ChallengeType, Solver>>> = {
    "http-01": board.http(shared),
    "tls-alpn-01": board.alpn(shared),
    ...(settings.dns === null
      ? {}
      : { "dns-01": dnsSolverOf(settings.dns, { egress: context.egress(null), clock, random, pause }) }),
  };
  const solvers = settings.challenges.map((type) => [type, all[type]] as const);
  return {
    authorities: settings.issuers.map((issuer) => authorityOf(issuer, settings, context)),
    solvers: new Map(solvers.filter((entry): entry is [ChallengeType, Solver] => entry[1] !== undefined)),
    keyType: settings.keyType,
    log,
    meter,
  };
}

function authorityOf(issuer: AcmeIssuer, { email }: AcmeSettings, context: MeansContext): Authority {
  const { eab, profile, preferredChain, ca, name } = issuer;
  const shared = { email, binding: eab, profile, preferredChain, ...context, egress: context.egress(ca) };
  const staging =
    issuer.staging === null
      ? null
      : new AcmeAuthority({
          ...shared,
          // An account of the one is none of the other.
          binding: null,
          preferredChain: null,
          name: `${name} (staging)`,
          directory: issuer.staging,
          staging: null,
        });
  return new AcmeAuthority({ ...shared, name, directory: issuer.directory, staging });
}
