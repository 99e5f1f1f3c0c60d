import type { WitnessState } from "#app/witness/witness.ts";
import type { Collector } from "#model/metrics.ts";

export interface SignedState {
  /** Lines that the newest checkpoint speaks of. */
  readonly signedLines: number;
  /** Null: there is none. */
  readonly witness: WitnessState | null;
}

/** How far the record is signed, and how far others know that. */
export function witnessMetrics(state: () => SignedState): Collector {
  return (gauges) => {
    const { signedLines, witness } = state();
    gauges.set("sallyport_audit_signed_lines", {}, signedLines);
    if (witness !== null) gauges.set("sallyport_audit_witness_lag_seconds", {}, witness.lagSeconds);
  };
}
