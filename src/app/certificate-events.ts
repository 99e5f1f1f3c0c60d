import type { CertificateRow } from "#admin/certificate-row.ts";
import type { ControlEvent } from "#model/control-events.ts";

interface Seen {
  readonly serial: string | null;
  readonly failedAt: string | null;
}

/** Tells what has become of the certificates that the gateway gets by itself. Those of a start are where it begins. */
export class CertificateEvents {
  #seen: ReadonlyMap<string, Seen> | null = null;

  /** What is new since the time before. */
  look(rows: readonly CertificateRow[]): readonly ControlEvent[] {
    const own = rows.filter(({ source }) => source === "acme" || source === "internal");
    const before = this.#seen;
    this.#seen = new Map(own.map((row) => [keyOf(row), seenOf(row)]));
    return before === null ? [] : own.flatMap((row) => eventsOf(row, before.get(keyOf(row))));
  }
}

/** The internal CA has one certificate for all its names. */
function keyOf({ source, names }: CertificateRow): string {
  return source === "internal" ? source : `${source} ${names.join(" ")}`;
}

function seenOf({ serial, problem }: CertificateRow): Seen {
  return { serial, failedAt: problem?.at ?? null };
}

function eventsOf(row: CertificateRow, before: Seen = { serial: null, failedAt: null }): readonly ControlEvent[] {
  const { names, serial, issuer, notAfter, problem } = row;
  const events: ControlEvent[] = [];
  if (serial !== null && serial !== before.serial) {
    const event = before.serial === null ? "certificate.issued" : "certificate.renewed";
    events.push({ event, details: { names, serial, issuer, until: notAfter } });
  }
  if (problem !== null && problem.at !== before.failedAt) {
    events.push({ event: "certificate.failed", details: { names, issuer: problem.issuer, error: problem.text } });
  }
  return events;
}
