import type { Api, Definition, Operation } from "#model/definition.ts";
import type { Diagnostic } from "#model/diagnostics.ts";
import type { Route, Snapshot } from "#model/snapshot.ts";
import type { TraceSettings } from "#model/trace.ts";

/** What is told of requests that belong to a trace of somebody else's: nothing is sent by OTLP. */
const followed: TraceSettings = { ratio: 0, parent: "follow", exported: false };

/** Diagnostics by index: what an operation says goes before what its API says, and that before the definition. */
export class DiagnosticTable {
  readonly #definition: Definition;
  readonly #all: Map<Diagnostic, number> = new Map();

  constructor(definition: Definition) {
    this.#definition = definition;
    this.#indexOf(definition.diagnostic);
  }

  of(api: Api, operation: Operation): Pick<Route, "diagnostic"> {
    const diagnostic = this.#indexOf(operation.diagnostic ?? api.diagnostic ?? this.#definition.diagnostic);
    return diagnostic === undefined ? {} : { diagnostic };
  }

  /** Once all routes are there. */
  parts(): Pick<Snapshot, "diagnostics" | "unroutedDiagnostic" | "traces"> {
    const traces = this.#definition.telemetry?.traces ?? null;
    const diagnostics = [...this.#all.keys()];
    if (diagnostics.length === 0) return { traces };
    const follows = diagnostics.some(({ correlation }) => correlation === "W3C");
    const unroutedDiagnostic = this.#indexOf(this.#definition.diagnostic);
    return {
      diagnostics,
      ...(unroutedDiagnostic === undefined ? {} : { unroutedDiagnostic }),
      traces: traces ?? (follows ? followed : null),
    };
  }

  #indexOf(diagnostic: Diagnostic | undefined): number | undefined {
    if (diagnostic === undefined) return undefined;
    const index = this.#all.get(diagnostic) ?? this.#all.size;
    this.#all.set(diagnostic, index);
    return index;
  }
}
