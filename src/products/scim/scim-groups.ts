import type { ScimPage, ScimRecord } from "#storage/scim-interfaces.ts";
import { type ScimObject, valueIn } from "./attributes.ts";
import { displayNameOf, externalIdOf, type GroupChange, type MemberChange, memberIds } from "./group-resource.ts";
import { ScimError } from "./scim-error.ts";
import type { ScimCaller, ScimDependencies } from "./scim-provider.ts";
import { asTaken, taken, unknown } from "./scim-users.ts";

const membersAtATime = 1000;
/** A group that has more is answered without its members. */
const mostMembers = 20_000;

/** Groups that a provider keeps here: their names are what `members` of products and rules name. */
export class ScimGroups {
  readonly #deps: ScimDependencies;

  constructor(dependencies: ScimDependencies) {
    this.#deps = dependencies;
  }

  /** @throws ScimError 409 `uniqueness` */
  async create(caller: ScimCaller, resource: ScimObject): Promise<ScimRecord> {
    const { store, users, clock } = this.#deps;
    const name = displayNameOf(resource);
    if ((await store.byName(caller.provider, "group", name)) !== null) throw taken(name);
    const ids = await this.#known(caller, memberIds(valueIn(resource, "members") ?? []));
    const id = await this.#freeName(caller, name);
    const now = Math.floor(clock.now());
    const externalId = externalIdOf(resource) ?? null;
    const record: ScimRecord = {
      provider: caller.provider,
      kind: "group",
      id,
      externalId,
      name,
      createdAt: now,
      modifiedAt: now,
    };
    await users.putGroup({ name: id, displayName: name, description: `kept by ${caller.provider}` });
    await store.put(record);
    await this.#add(id, ids);
    return record;
  }

  /** @throws ScimError 404 */
  async get({ provider }: ScimCaller, id: string): Promise<ScimRecord> {
    const record = await this.#deps.store.get(provider, "group", id);
    if (record === null) throw unknown(id);
    return record;
  }

  async replace(caller: ScimCaller, id: string, resource: ScimObject): Promise<ScimRecord> {
    const members = memberIds(valueIn(resource, "members") ?? []);
    return this.change(caller, id, {
      displayName: displayNameOf(resource),
      externalId: externalIdOf(resource),
      members: [{ kind: "replace", ids: members }],
    });
  }

  async change(caller: ScimCaller, id: string, change: GroupChange): Promise<ScimRecord> {
    const { store, users, clock } = this.#deps;
    const before = await this.get(caller, id);
    const checked = await this.#checked(caller, change.members);
    const { displayName: name = before.name, externalId = before.externalId } = change;
    const record: ScimRecord = { ...before, name, externalId, modifiedAt: Math.floor(clock.now()) };
    await store.put(record).catch((error: unknown) => Promise.reject(asTaken(error, name)));
    if (name !== before.name) {
      await users.putGroup({ name: id, displayName: name, description: `kept by ${caller.provider}` });
    }
    for (const one of checked) await this.#changeMembers(id, one);
    return record;
  }

  async remove(caller: ScimCaller, id: string): Promise<void> {
    await this.get(caller, id);
    await this.#deps.users.removeGroup(id);
    await this.#deps.store.remove(caller.provider, "group", id);
  }

  byName({ provider }: ScimCaller, name: string): Promise<ScimRecord | null> {
    return this.#deps.store.byName(provider, "group", name);
  }

  byExternalId({ provider }: ScimCaller, externalId: string): Promise<ScimRecord | null> {
    return this.#deps.store.byExternalId(provider, "group", externalId);
  }

  list({ provider }: ScimCaller, page: ScimPage): Promise<readonly ScimRecord[]> {
    return this.#deps.store.list(provider, "group", page);
  }

  count({ provider }: ScimCaller): Promise<number> {
    return this.#deps.store.count(provider, "group");
  }

  /** Ids of the members; null when there are more than can be answered at once. */
  async members(id: string): Promise<readonly string[] | null> {
    const all: string[] = [];
    for (let after: string | null = null; all.length <= mostMembers;) {
      const page = await this.#deps.directory.members(id, { after, limit: membersAtATime });
      all.push(...page);
      if (page.length < membersAtATime) return all;
      after = page.at(-1) ?? null;
    }
    return null;
  }

  async #checked(caller: ScimCaller, changes: readonly MemberChange[]): Promise<readonly MemberChange[]> {
    const checked: MemberChange[] = [];
    for (const { kind, ids } of changes) {
      checked.push({ kind, ids: kind === "remove" || ids === null ? ids : await this.#known(caller, ids) });
    }
    return checked;
  }

  /** Users of the same provider alone: no provider puts another one's people anywhere. */
  async #known({ provider }: ScimCaller, ids: readonly string[]): Promise<readonly string[]> {
    const distinct = [...new Set(ids)];
    for (const id of distinct) {
      if ((await this.#deps.store.get(provider, "user", id)) === null) {
        throw new ScimError(400, `there is no user ${id}`, "invalidValue");
      }
    }
    return distinct;
  }

  async #changeMembers(group: string, { kind, ids }: MemberChange): Promise<void> {
    if (kind === "add") return this.#add(group, ids ?? []);
    const present = (await this.members(group)) ?? [];
    const kept = new Set(kind === "replace" ? ids : []);
    const gone = kind === "replace" || ids === null ? present.filter((id) => !kept.has(id)) : ids;
    await this.#drop(group, gone);
    if (kind === "replace") await this.#add(group, ids ?? []);
  }

  async #add(group: string, ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.#deps.users.regroup(id, { join: [group], leave: [] });
  }

  async #drop(group: string, ids: readonly string[]): Promise<void> {
    for (const id of ids) await this.#deps.users.regroup(id, { join: [], leave: [group] });
  }

  /** No provider takes over a group of somebody else, `administrators` least of all. */
  async #freeName({ provider }: ScimCaller, displayName: string): Promise<string> {
    const plain =
      displayName
        .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
        .replace(/^[^A-Za-z0-9]+/, "")
        .slice(0, 60) || "group";
    const names = new Set((await this.#deps.directory.groups()).map(({ name }) => name.toLowerCase()));
    for (let count = 1; ; count++) {
      const tries = [plain, `${provider}.${plain}`, `${provider}.${plain}-${count}`];
      const free = tries.find((name) => !names.has(name.toLowerCase()));
      if (free !== undefined) return free;
    }
  }
}
