import type { Diagnosing, Diagnostic } from "#model/diagnostics.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { isChosen } from "#telemetry/trace-contexts.ts";
import type { TapRoom } from "./body-tap.ts";
import { ExchangeTap } from "./exchange-tap.ts";
import { traceIdOf } from "./own-trace.ts";

type Diagnosed = Pick<Snapshot, "diagnostics" | "unroutedDiagnostic" | "traces">;

/** Null: no diagnostic is defined. */
export function createDiagnosing(snapshot: Diagnosed, room: TapRoom, clock: Clock): Diagnosing | null {
  const { diagnostics } = snapshot;
  return diagnostics === undefined ? null : new SnapshotDiagnosing(diagnostics, snapshot, room, clock);
}

class SnapshotDiagnosing implements Diagnosing {
  readonly #diagnostics: readonly Diagnostic[];
  readonly #unrouted: number | undefined;
  /** Traces are there for the sake of diagnostics alone. */
  readonly #ownTraces: boolean;
  readonly #room: TapRoom;
  readonly #clock: Clock;

  constructor(
    diagnostics: readonly Diagnostic[],
    { unroutedDiagnostic, traces }: Diagnosed,
    room: TapRoom,
    clock: Clock,
  ) {
    this.#diagnostics = diagnostics;
    this.#unrouted = unroutedDiagnostic;
    this.#ownTraces = traces?.exported === false;
    this.#room = room;
    this.#clock = clock;
  }

  begin(exchange: Exchange): void {
    const { route, question } = exchange;
    // Who asks about a request forwards it by itself: nothing of it is seen here.
    if (question !== null) return;
    const index = route === null ? this.#unrouted : route.diagnostic;
    const diagnostic = index === undefined ? undefined : this.#diagnostics[index];
    if (diagnostic === undefined) return;
    exchange.diagnostic = diagnostic;
    // Where nothing goes by OTLP, what the client says of a trace is left as it came.
    if (diagnostic.correlation === "None" && this.#ownTraces) exchange.trace = null;
    const chosen = isChosen(traceIdOf(exchange), diagnostic.percentage / 100);
    if (!chosen && !diagnostic.alwaysLogErrors) return;
    const { trace } = exchange;
    // Whoever is called is to tell of it as well.
    if (chosen && trace !== null && !trace.sampled) exchange.trace = { ...trace, sampled: true };
    const tap = new ExchangeTap(exchange, diagnostic, chosen, this.#room, () => this.#clock.now());
    exchange.tap = tap;
    exchange.whenOver(() => tap.release());
  }
}
