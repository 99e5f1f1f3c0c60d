/** Something that was there, and where it is now. */
export interface MappedThing {
  readonly from: string;
  readonly to: string;
}

/** A value that nobody but the owner knows. */
export interface NeededValue {
  /** Name of the environment variable, or of what is missing. */
  readonly name: string;
  readonly from: string;
  readonly message: string;
}

export interface ImportNote {
  readonly from: string;
  readonly message: string;
}

/** A destination that a policy computes. */
export interface EgressProposal {
  readonly from: string;
  /** Entries that `egress.allow` may need; none: nothing of its host is written there. */
  readonly allow: readonly string[];
}

/** What an import did with everything that it found. */
export class ImportReport {
  readonly mapped: MappedThing[] = [];
  readonly needs: NeededValue[] = [];
  /** Works in API Management, and does not in the definition. */
  readonly unsupported: ImportNote[] = [];
  /** Not carried over, and without effect on what requests get; or carried over in another form. */
  readonly notes: ImportNote[] = [];

  /** For the owner to look at. */
  readonly egress: EgressProposal[] = [];

  map(from: string, to: string): void {
    this.mapped.push({ from, to });
  }

  need(name: string, from: string, message: string): void {
    if (!this.needs.some((one) => one.name === name && one.from === from)) this.needs.push({ name, from, message });
  }

  refuse(from: string, message: string): void {
    this.unsupported.push({ from, message });
  }

  note(from: string, message: string): void {
    this.notes.push({ from, message });
  }

  propose(from: string, allow: readonly string[]): void {
    this.egress.push({ from, allow });
  }
}
