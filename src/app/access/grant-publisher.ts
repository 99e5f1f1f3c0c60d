import type { AccessRequest } from "#model/access-requests.ts";
import type { Grant, GrantsOf } from "#model/grants.ts";
import type { Log } from "#model/ports.ts";
import type { AccessStore } from "#storage/access-store.ts";
import type { Async } from "#storage/interfaces.ts";

export interface GrantPublisherOptions {
  readonly store: Pick<Async<AccessStore>, "list">;
  readonly log: Log;
  /** Resolves when all workers have it. */
  readonly publish: (grants: readonly GrantsOf[]) => Promise<void>;
}

const pageSize = 500;

/** What is in force, from the store to the workers: one after the other, so that an older word never comes last. */
export class GrantPublisher {
  readonly #options: GrantPublisherOptions;
  readonly #grants = new Map<string, readonly Grant[]>();
  #names: ReadonlySet<string>;
  #last: Promise<void> = Promise.resolve();

  /** @param names of the approvals that the definition has: what it no longer has is in force for nobody */
  constructor(options: GrantPublisherOptions, names: readonly string[]) {
    this.#options = options;
    this.#names = new Set(names);
  }

  /** For a worker that begins. */
  all(): readonly GrantsOf[] {
    return [...this.#grants].map(([grantee, grants]) => ({ grantee, grants: this.#known(grants) }));
  }

  /** All of them, page by page, at start. */
  async load(): Promise<void> {
    for (let after: string | null = null; ;) {
      const page = await this.#options.store.list({ state: "active", grantee: null }, { after, limit: pageSize });
      for (const request of page) {
        this.#grants.set(request.grantee, [...(this.#grants.get(request.grantee) ?? []), grantOf(request)]);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return;
      after = last.id;
    }
  }

  /** What the store now says of one: in all workers when this resolves. */
  follow(grantee: string): Promise<void> {
    return this.#inTurn(async () => {
      const found = await this.#options.store.list({ state: "active", grantee }, { after: null, limit: pageSize });
      const grants = found.map(grantOf);
      if (grants.length === 0) this.#grants.delete(grantee);
      else this.#grants.set(grantee, grants);
      await this.#options.publish([{ grantee, grants: this.#known(grants) }]);
    });
  }

  /** Another definition is in force. */
  use(names: readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#names = new Set(names);
      await this.#options.publish(this.all());
    });
  }

  #known(grants: readonly Grant[]): readonly Grant[] {
    return grants.filter(({ approval }) => this.#names.has(approval));
  }

  /** A worker that did not take it is replaced by one that begins with what is known here. */
  #inTurn(task: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(task).catch((error: unknown) => {
      this.#options.log.error("a worker did not take the approvals in force", { error: String(error) });
    });
    return this.#last;
  }
}

function grantOf({ id, approval, reason, endsAt }: AccessRequest): Grant {
  return { approval, id, reason, until: endsAt ?? 0 };
}
