import { fewAtATime } from "#lib/few-at-a-time.ts";
import { GatewayError } from "#model/errors.ts";
import type { UserRecord } from "#storage/interfaces.ts";
import type { ScimPage, ScimRecord } from "#storage/scim-interfaces.ts";
import type { ScimObject } from "./attributes.ts";
import { type PatchOperation, patched } from "./patch.ts";
import { ScimError } from "./scim-error.ts";
import type { ScimCaller, ScimDependencies } from "./scim-provider.ts";
import { readScimUser, type ScimUser, toUserResource } from "./user-resource.ts";

/** Of the store, which everybody's sessions wait for as well. */
const readAtATime = 25;

export interface Found {
  readonly user: UserRecord;
  readonly record: ScimRecord;
}

/** Users that a provider keeps here. What it deactivates or deletes is blocked: with every key, token and session at once. */
export class ScimUsers {
  readonly #deps: ScimDependencies;

  constructor(dependencies: ScimDependencies) {
    this.#deps = dependencies;
  }

  /** Somebody who has logged in before is that user, and stays it. @throws ScimError 409 `uniqueness` */
  async create(caller: ScimCaller, resource: ScimObject): Promise<Found> {
    const { store, provisioning, clock } = this.#deps;
    const wanted = readScimUser(resource);
    const subject = subjectOf(caller, wanted);
    if ((await store.byName(caller.provider, "user", wanted.userName)) !== null) throw taken(wanted.userName);
    const { id } = await provisioning.provision({ provider: caller.provider, subject });
    if ((await store.get(caller.provider, "user", id)) !== null) throw taken(subject);
    const now = Math.floor(clock.now());
    return this.#write(caller, id, wanted, { createdAt: now, modifiedAt: now });
  }

  /** @throws ScimError 404 */
  async get({ provider }: ScimCaller, id: string): Promise<Found> {
    const { store, directory } = this.#deps;
    const [record, user] = await Promise.all([store.get(provider, "user", id), directory.get(id)]);
    if (record === null || user === null) throw unknown(id);
    return { record, user };
  }

  async replace(caller: ScimCaller, id: string, resource: ScimObject): Promise<Found> {
    const { record } = await this.get(caller, id);
    return this.#write(caller, id, readScimUser(resource), { ...record, modifiedAt: this.#deps.clock.now() });
  }

  async patch(caller: ScimCaller, id: string, operations: readonly PatchOperation[]): Promise<Found> {
    const { user, record } = await this.get(caller, id);
    // As this provider left it: what others have blocked is not its own word, which a change of a name would repeat.
    const state = user.withdrawnBy?.includes(caller.provider) === true ? "blocked" : "active";
    const next = readScimUser(patched(toUserResource({ ...user, state }, record, ""), operations));
    return this.#write(caller, id, next, { ...record, modifiedAt: this.#deps.clock.now() });
  }

  /**
   * The user stays, blocked and in no group, whoever else vouches for them: tokens may be good for hours, and must make
   * nobody. Who it is to other providers is one and the same person.
   */
  async remove(caller: ScimCaller, id: string): Promise<void> {
    const { users, store } = this.#deps;
    const { user } = await this.get(caller, id);
    await users.put(user, false, { provider: caller.provider, isActive: false });
    await users.regroup(id, { join: [], leave: user.groups });
    await store.remove(caller.provider, "user", id);
  }

  async byName({ provider }: ScimCaller, name: string): Promise<Found | null> {
    return this.#withUser(await this.#deps.store.byName(provider, "user", name));
  }

  async byExternalId({ provider }: ScimCaller, externalId: string): Promise<Found | null> {
    return this.#withUser(await this.#deps.store.byExternalId(provider, "user", externalId));
  }

  async list({ provider }: ScimCaller, page: ScimPage): Promise<readonly Found[]> {
    const records = await this.#deps.store.list(provider, "user", page);
    const found = await fewAtATime(records, readAtATime, (record) => this.#withUser(record));
    return found.filter((one) => one !== null);
  }

  count({ provider }: ScimCaller): Promise<number> {
    return this.#deps.store.count(provider, "user");
  }

  async #withUser(record: ScimRecord | null): Promise<Found | null> {
    const user = record === null ? null : await this.#deps.directory.get(record.id);
    return record === null || user === null ? null : { record, user };
  }

  /** The name first: one that is taken must change nothing. */
  async #write(
    caller: ScimCaller,
    id: string,
    wanted: ScimUser,
    times: Pick<ScimRecord, "createdAt" | "modifiedAt">,
  ): Promise<Found> {
    const { store, directory } = this.#deps;
    const before = await directory.get(id);
    if (before === null) throw unknown(id);
    const { createdAt, modifiedAt } = times;
    const { externalId, userName: name } = wanted;
    const record: ScimRecord = { provider: caller.provider, kind: "user", id, externalId, name, createdAt, modifiedAt };
    await store.put(record).catch((error: unknown) => Promise.reject(asTaken(error, name)));
    return { record, user: await this.#put(before, caller, wanted) };
  }

  async #put(before: UserRecord, caller: ScimCaller, wanted: ScimUser): Promise<UserRecord> {
    const { firstName, lastName, active, email } = wanted;
    const others = before.identities.filter(({ provider }) => provider !== caller.provider);
    const identities = [...others, { provider: caller.provider, id: subjectOf(caller, wanted) }];
    const user: UserRecord = { ...before, firstName, lastName, identities };
    const word = { provider: caller.provider, isActive: active };
    if (email === null || email === before.email) return this.#deps.users.put(user, false, word);
    // An address that another user has proves nothing, and is no reason to keep a person out.
    return this.#deps.users.put({ ...user, email }, false, word).catch((error: unknown) => {
      if (!isConflict(error)) throw error;
      return this.#deps.users.put(user, false, word);
    });
  }
}

function subjectOf({ subject }: ScimCaller, { externalId, userName }: ScimUser): string {
  if (subject === "userName") return userName;
  if (externalId === null)
    throw new ScimError(400, "externalId is missing: it says whose tokens are this user's", "invalidValue");
  return externalId;
}

export function isConflict(error: unknown): boolean {
  return error instanceof GatewayError && error.code === "store-conflict";
}

export function asTaken(error: unknown, name: string): unknown {
  return isConflict(error) ? taken(name) : error;
}

export function taken(name: string): ScimError {
  return new ScimError(409, `${name} is there already`, "uniqueness");
}

export function unknown(id: string): ScimError {
  return new ScimError(404, `there is no ${id}`);
}
