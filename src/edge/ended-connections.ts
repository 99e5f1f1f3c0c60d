import { isIPv4, isIPv6 } from "node:net";
import { bytesOf6 } from "#lib/ip-bytes.ts";
import type { ConnectionEnd, EndedConnections } from "#model/connection-ends.ts";

export interface EndedCountsOptions {
  readonly tell: (ended: readonly EndedConnections[]) => void;
  /** Default 1 s. The first one after a quiet time is told of so soon. */
  readonly firstMs?: number;
  /** Default 10 s. Between two times that something is told. */
  readonly everyMs?: number;
}

/** Kinds and ranges that are counted apart; what is beyond is counted by kind alone. */
const mostApart = 32;
const others = "others";

/**
 * Counts connections that ended before a request, by reason and range of addresses, and tells of them rarely: a flood is
 * cheap to send, so each one may cost a look into a map and no more.
 */
export class EndedCounts {
  readonly #options: EndedCountsOptions;
  #counts = new Map<string, { reason: ConnectionEnd; from: string; count: number }>();
  #timer: NodeJS.Timeout | null = null;
  #wasQuiet = true;

  constructor(options: EndedCountsOptions) {
    this.#options = options;
  }

  note(reason: ConnectionEnd, address: string): void {
    const from = rangeOf(address);
    const place = this.#placeOf(reason, from);
    place.count += 1;
    const { firstMs = 1000, everyMs = 10_000 } = this.#options;
    this.#timer ??= setTimeout(() => this.#over(), this.#wasQuiet ? firstMs : everyMs).unref();
  }

  /** Tells of what there is at once. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#counts.size === 0) return;
    const ended = [...this.#counts.values()];
    this.#counts = new Map();
    this.#options.tell(ended);
  }

  #over(): void {
    this.#wasQuiet = this.#counts.size === 0;
    this.flush();
    if (this.#wasQuiet) return;
    // To know whether it is quiet again.
    this.#timer = setTimeout(() => this.#over(), this.#options.everyMs ?? 10_000).unref();
  }

  #placeOf(reason: ConnectionEnd, from: string): { count: number } {
    const key = `${reason} ${from}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    if (from !== others && this.#counts.size >= mostApart) return this.#placeOf(reason, others);
    const place = { reason, from, count: 0 };
    this.#counts.set(key, place);
    return place;
  }
}

/** Those whose addresses one customer has, as a rule. An address that is not known any more: `unknown`. */
function rangeOf(address: string): string {
  if (isIPv4(address)) return `${address.slice(0, address.lastIndexOf("."))}.0/24`;
  if (!isIPv6(address) || address.includes("%")) return address === "unix" ? address : "unknown";
  const bytes = bytesOf6(address);
  const groups = [0, 2, 4].map((at) => (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  return `${groups.join(":")}::/48`;
}
