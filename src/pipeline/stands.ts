import { answeredClient } from "#model/body.ts";
import { type Outcome, type Refusal, refuse } from "#model/decision.ts";
import { Exchange, type TlsFacts } from "#model/exchange.ts";
import { certificateNow } from "./certificate-stands.ts";
import type { GatewayHandles } from "./handles.ts";
import { expiryOf, type Lasting } from "./lasting.ts";
import type { LinkedSnapshot } from "./linked.ts";
import type { Passage } from "./passage.ts";
import { inboundRow, type Row, standingRows } from "./table.ts";

/** Which row refuses an exchange that it let through before. */
export interface Withdrawal {
  readonly row: Row;
  readonly refusal: Refusal;
}

type Finding = Withdrawal | undefined;

/**
 * Would the request of this exchange be let through under `linked`, now? Asks the table's own rows about a copy of what
 * the edge received; no policy runs, nothing is counted, no permit is minted, and the exchange itself stays as it is.
 */
export function standsUnder(
  lasting: Lasting,
  linked: LinkedSnapshot,
  handles: GatewayHandles,
): Finding | Promise<Finding> {
  // Without its body: the limit of another route is not for one that is being read already.
  const facts = { ...lasting.facts, body: null, tls: tlsNow(handles, lasting.facts.tls) };
  const exchange = new Exchange(facts, answeredClient);
  return ask({ exchange, linked, handles }, lasting, 0);
}

/** A certificate is believed as long as it says itself, and until its issuer takes it back. */
function tlsNow({ clock, isRevoked }: GatewayHandles, tls: TlsFacts | null): TlsFacts | null {
  if (tls === null || tls.certificate === null) return tls;
  if (clock.now() >= tls.certificate.notAfter) return withoutCertificate(tls, "CERT_HAS_EXPIRED");
  return isRevoked(tls.certificate) ? withoutCertificate(tls, "CERT_REVOKED") : tls;
}

function withoutCertificate(tls: TlsFacts, certificateProblem: string): TlsFacts {
  return { ...tls, certificate: null, certificateProblem };
}

function ask(passage: Passage, lasting: Lasting, from: number): Finding | Promise<Finding> {
  for (let at = from; at < standingRows.length; at += 1) {
    const row = standingRows[at] as Row;
    const outcome = row.run(passage);
    if (outcome instanceof Promise) {
      return outcome.then((late) => withdrawal(row, late) ?? ask(passage, lasting, at + 1));
    }
    if (outcome !== undefined) return withdrawal(row, outcome);
  }
  lasting.expiresAt = expiryOf(passage.exchange);
  return switchWithdrawn(passage, lasting) ?? certificateWithdrawn(passage, lasting);
}

/** By the row that asked first. */
function certificateWithdrawn({ handles }: Passage, lasting: Lasting): Finding | Promise<Finding> {
  const found = certificateNow(lasting, handles);
  if (found instanceof Promise) return found.then((late) => withdrawal(inboundRow, late));
  return withdrawal(inboundRow, found);
}

function withdrawal(row: Row, outcome: Outcome): Finding {
  if (outcome === undefined) return undefined;
  return { row, refusal: outcome.kind === "refusal" ? outcome : refuse("internal-error") };
}

/** An offer that is not for the operation is served as an ordinary request: too late for one that has been taken. */
function switchWithdrawn({ exchange }: Passage, { flow }: Lasting): Finding {
  const { upgrade } = flow.exchange.request;
  if (flow.exchange.response?.status !== 101 || exchange.request.upgrade === upgrade) return undefined;
  return { row: standingRows[0] as Row, refusal: refuse("upgrade-not-allowed", { detail: `upgrade to ${upgrade}` }) };
}
