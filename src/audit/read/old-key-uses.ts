import type { StoredRecord } from "#model/record.ts";

/** Of one key. A client with many addresses must not fill the memory. */
const mostClients = 100;

/** Who has used an old key. */
export interface OldKeyClient {
  /** Address. */
  readonly client: string;
  readonly principal: string;
  readonly requests: number;
  /** ISO 8601, UTC. */
  readonly first: string;
  readonly last: string;
}

export interface OldKeyUse {
  /** The last to use it first. */
  readonly clients: readonly OldKeyClient[];
  /** Requests of clients beyond the first hundred. */
  readonly otherRequests: number;
}

/** Adds up by which clients old keys are used, from their requests in the order of the record. */
export class OldKeyUses {
  readonly #keys = new Map<string, Map<string, OldKeyClient>>();
  readonly #others = new Map<string, number>();

  constructor(ids: readonly string[]) {
    for (const id of ids) this.#keys.set(id, new Map());
  }

  add({ oldKey = "", client, principal, time, stage }: StoredRecord): void {
    const clients = this.#keys.get(oldKey);
    // One that is not over has another record, of its end.
    if (clients === undefined || stage !== undefined) return;
    const name = `${client} ${principal.id}`;
    const known = clients.get(name);
    if (known === undefined && clients.size >= mostClients) {
      this.#others.set(oldKey, (this.#others.get(oldKey) ?? 0) + 1);
      return;
    }
    const { requests = 0, first = time } = known ?? {};
    clients.set(name, { client, principal: principal.id, requests: requests + 1, first, last: time });
  }

  of(id: string): OldKeyUse {
    const clients = [...(this.#keys.get(id)?.values() ?? [])].toSorted((a, b) => (a.last < b.last ? 1 : -1));
    return { clients, otherRequests: this.#others.get(id) ?? 0 };
  }
}
