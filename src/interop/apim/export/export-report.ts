import type { SourcePosition } from "#model/diagnostic.ts";
import type { MappedThing } from "#interop/apim/import/import-report.ts";

/** Something that is there otherwise than here, or not at all. */
export interface ExportNote {
  readonly from: string;
  readonly message: string;
}

/** Something that cannot be there, and that nothing may be left out of. */
export interface Impossible {
  /** `apis.orders`, or `policies` for what all APIs have. */
  readonly owner: string;
  readonly at: SourcePosition;
  readonly message: string;
}

/** What an export did with everything that a definition says. */
export class ExportReport {
  readonly mapped: MappedThing[] = [];
  /** Is there, and means something else. */
  readonly changed: ExportNote[] = [];
  /** Is not there: a setting that keeps nobody out. */
  readonly left: ExportNote[] = [];
  readonly impossible: Impossible[] = [];

  map(from: string, to: string): void {
    this.mapped.push({ from, to });
  }

  change(from: string, message: string): void {
    if (!this.changed.some((one) => one.from === from && one.message === message)) this.changed.push({ from, message });
  }

  leave(from: string, message: string): void {
    this.left.push({ from, message });
  }

  refuse(owner: string, at: SourcePosition, message: string): void {
    this.impossible.push({ owner, at, message });
  }

  refused(owner: string): boolean {
    return this.impossible.some((one) => one.owner === owner);
  }
}
