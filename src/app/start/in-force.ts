import { createRedaction } from "#audit/redaction/redaction.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import type { Redaction } from "#model/redaction.ts";
import { addressesOf } from "#model/listen-place.ts";
import type { CompiledSnapshot, ControlDefinition } from "#app/definition/read-result.ts";
import type { Bound } from "#app/listeners.ts";

/** What the gateway runs by, as of now: whoever asks later gets what a reload has made of it. */
export class InForce {
  definition: ControlDefinition;
  compiled: CompiledSnapshot;
  redaction: Redaction;
  /** Where it listens, once that is known. It stays so till the end. */
  bound: Bound = { https: [], http: [], admin: [] };

  constructor(definition: ControlDefinition, compiled: CompiledSnapshot) {
    this.definition = definition;
    this.compiled = compiled;
    this.redaction = createRedaction(compiled.control.audit.redact);
  }

  use(definition: ControlDefinition, compiled: CompiledSnapshot): void {
    this.definition = definition;
    this.compiled = compiled;
    this.redaction = createRedaction(compiled.control.audit.redact);
  }

  /** What nobody may be led to by the gateway itself. */
  readonly ownAddresses = (): readonly OwnAddress[] => [
    ...addressesOf([...this.bound.https, ...this.bound.http]),
    ...this.bound.admin.map((own) => ({ ...own, admin: true })),
  ];
}
