import { createRedaction } from "#audit/redaction/redaction.ts";
import { setExpressionTime } from "#policy/csharp/expression-limits.ts";
import type { BodyRoom } from "#policy/body-room.ts";
import type { Edge } from "#edge/edge-types.ts";
import { inSlices } from "#lib/slices.ts";
import type { EventSink } from "#model/ports.ts";
import type { Snapshot } from "#model/snapshot.ts";
import type { DebugCredential } from "#model/tracing.ts";
import type { Dispatcher } from "#pipeline/dispatcher.ts";
import type { SnapshotPorts } from "#pipeline/linked.ts";
import type { TapRoom } from "#telemetry/insights/body-tap.ts";
import { createDiagnosing } from "#telemetry/insights/diagnosing.ts";
import type { PackedValue } from "#threads/packed/packed-value.ts";
import { unpack } from "#threads/packed/unpack.ts";
import type { KnownStatuses } from "#app/known-statuses.ts";
import type { RequestTracer } from "#app/tracing/request-tracer.ts";
import type { Caches } from "./caches.ts";
import type { Callers } from "./callers.ts";
import type { Telling } from "./telling.ts";
import type { Tools } from "./tools.ts";
import { LaterPort, type Upstreams } from "./upstreams.ts";

/** All that a definition says something to. */
export interface WorkerParts {
  readonly tools: Tools;
  readonly callers: Callers;
  readonly upstreams: Upstreams;
  readonly caches: Caches;
  readonly telling: Telling;
  readonly certificateStatuses: KnownStatuses;
  readonly bodies: BodyRoom;
  readonly taps: TapRoom;
  readonly tracer: RequestTracer;
  readonly dispatcher: () => Dispatcher;
  readonly edge: () => Edge;
}

/** The definition that requests run under, and the change to another one. */
export class InForce {
  readonly #parts: WorkerParts;
  #ports: SnapshotPorts;
  #applied: Promise<void> = Promise.resolve();

  constructor(parts: WorkerParts, snapshot: Snapshot) {
    this.#parts = parts;
    const redaction = createRedaction(snapshot.audit.redact);
    this.#ports = {
      snapshot,
      forward: parts.upstreams.forwarder.port(),
      events: parts.telling.eventsOf(snapshot, redaction),
      redaction,
      diagnosing: createDiagnosing(snapshot, parts.taps, parts.tools.clock),
    };
    setExpressionTime(snapshot.edge.limits.expressionMs);
  }

  get ports(): SnapshotPorts {
    return this.#ports;
  }

  get snapshot(): Snapshot {
    return this.#ports.snapshot;
  }

  get events(): EventSink {
    return this.#ports.events;
  }

  /** One after the other. @throws when it cannot be linked; the one before goes on */
  apply(packed: PackedValue): Promise<void> {
    return this.#inTurn(() => this.#apply(packed));
  }

  /** Resolves when requests that show one of these are traced. */
  trace(credentials: readonly DebugCredential[]): Promise<void> {
    return this.#inTurn(() => {
      this.#parts.tracer.use(credentials);
      return this.linkTraced();
    });
  }

  /** Only while somebody traces: it takes as much memory as what all others run under. */
  async linkTraced(): Promise<void> {
    const { tracer } = this.#parts;
    const dispatcher = this.#parts.dispatcher();
    const { snapshot, events } = this.#ports;
    const linked = tracer.active
      ? await inSlices(dispatcher.linkTraced({ ...this.#ports, events: tracer.behind(events, snapshot) }))
      : null;
    dispatcher.useTraced(linked);
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const turn = this.#applied.then(task);
    this.#applied = turn.catch(() => {});
    return turn;
  }

  async #apply(packed: PackedValue): Promise<void> {
    const { tools, telling, taps, upstreams } = this.#parts;
    const dispatcher = this.#parts.dispatcher();
    const next = await inSlices(unpack<Snapshot>(packed));
    const forward = new LaterPort();
    const redaction = createRedaction(next.audit.redact);
    const events = telling.eventsOf(next, redaction);
    const diagnosing = createDiagnosing(next, taps, tools.clock);
    const ports = { snapshot: next, forward, events, redaction, diagnosing };
    const linked = await inSlices(dispatcher.link(ports));
    // From here on nothing waits: a request meets all of a definition or nothing of it.
    this.#ports = ports;
    dispatcher.useTraced(null);
    forward.port = upstreams.forwarder.update({ backends: next.backends, egress: next.egress });
    dispatcher.use(linked);
    this.#tell(next);
    await this.linkTraced();
  }

  #tell(next: Snapshot): void {
    const { tools, callers, upstreams, caches, telling, certificateStatuses, bodies, edge } = this.#parts;
    tools.egress.use(next);
    callers.use(next);
    upstreams.forgetConnections();
    certificateStatuses.forget();
    setExpressionTime(next.edge.limits.expressionMs);
    bodies.maxBytes = next.edge.limits.policyBodyBytes;
    caches.use(next);
    edge().update(next.edge);
    telling.traceContexts.use(next.traces);
  }
}
