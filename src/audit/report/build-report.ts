import { isEvent } from "#audit/entry.ts";
import type { Found } from "#audit/read/search-query.ts";
import type { StoredEvent, StoredRecord } from "#model/record.ts";
import type { Activity, PrincipalActivity, ReportedEvent } from "./report.ts";

/** Whoever calls chooses principals by the million: those beyond are in the sums only. */
const maxPrincipals = 20_000;
const maxApis = 20;

type Section = "approvals" | "keys" | "configuration" | "people" | "gateway";

const sections: readonly (readonly [RegExp, Section])[] = [
  [/^(?:access|delegation)\./, "approvals"],
  [/^(?:key|seal-key|assertion-key|certificate)\./, "keys"],
  [/^(?:configuration|exception)\./, "configuration"],
  [/^(?:user|group|subscription|revocation|login|session)\./, "people"],
];

interface Tally {
  readonly id: string;
  readonly kind: string;
  requests: number;
  denied: number;
  bytesOut: number;
  first: string;
  last: string;
  readonly apis: Set<string>;
  readonly actors: Set<string>;
}

/** Adds up a record, line by line, in memory that does not grow with it. */
export class ReportBuilder {
  readonly events: Record<Section, ReportedEvent[]> = {
    approvals: [],
    keys: [],
    configuration: [],
    people: [],
    gateway: [],
  };
  readonly nodes: Set<string> = new Set();
  readonly environments: Set<string> = new Set();
  readonly #principals = new Map<string, Tally>();
  readonly #reasons = new Map<string, number>();
  #requests = 0;
  #denied = 0;
  readonly #leftOut = new Set<string>();

  add(found: Found): void {
    this.nodes.add(found.node);
    this.environments.add(found.environment);
    if (isEvent(found)) this.#event(found);
    else if (found.stage === undefined) this.#request(found);
  }

  get activity(): Activity {
    const principals = [...this.#principals.values()].toSorted((a, b) => b.requests - a.requests).map(shown);
    const reasons = [...this.#reasons].map(([reason, requests]) => ({ reason, requests }));
    return {
      requests: this.#requests,
      denied: this.#denied,
      principals,
      principalsLeftOut: this.#leftOut.size,
      reasons: reasons.toSorted((a, b) => b.requests - a.requests),
    };
  }

  #event(record: StoredEvent): void {
    const { time, event, principal, details, seq } = record;
    const section = sections.find(([pattern]) => pattern.test(event))?.[1] ?? "gateway";
    this.events[section].push({ time, event, by: principal.id, details, seq });
  }

  #request(record: StoredRecord): void {
    const { decision, reasons } = record;
    this.#requests += 1;
    if (decision === "deny") {
      this.#denied += 1;
      const [reason = "unknown"] = reasons;
      this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
    }
    this.#tally(record);
  }

  #tally(record: StoredRecord): void {
    const { principal, decision, bytesOut, time, route } = record;
    const tally = this.#tallyOf(record);
    if (tally === undefined) return;
    tally.requests += 1;
    if (decision === "deny") tally.denied += 1;
    tally.bytesOut += bytesOut;
    if (time < tally.first) tally.first = time;
    if (time > tally.last) tally.last = time;
    if (decision === "allow" && route !== undefined && tally.apis.size < maxApis) tally.apis.add(route.api);
    for (const actor of principal.actors ?? []) if (tally.actors.size < maxApis) tally.actors.add(actor);
  }

  #tallyOf({ principal: { id, kind }, time }: StoredRecord): Tally | undefined {
    const known = this.#principals.get(id);
    if (known !== undefined) return known;
    if (this.#principals.size >= maxPrincipals) {
      if (this.#leftOut.size < maxPrincipals) this.#leftOut.add(id);
      return undefined;
    }
    const tally: Tally = {
      id,
      kind,
      requests: 0,
      denied: 0,
      bytesOut: 0,
      first: time,
      last: time,
      apis: new Set(),
      actors: new Set(),
    };
    this.#principals.set(id, tally);
    return tally;
  }
}

function shown({ apis, actors, ...tally }: Tally): PrincipalActivity {
  return { ...tally, apis: [...apis].toSorted(), actors: [...actors].toSorted() };
}
