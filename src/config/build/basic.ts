import type { BasicAccess, BasicUser, BasicUsers } from "#model/basic-users.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import { isWeak, parsePasswordHash } from "#lib/password-hash/parse.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { SecretSource } from "#config/shapes/secret.ts";
import type { BasicAccessInput, BasicUserInput, BasicUsersInput } from "#config/table/basic.ts";
import { markedOf } from "./marked.ts";

/** Which of their hashes have to be fetched. */
export function basicSources(lists: readonly Named<BasicUsersInput>[]): readonly (SecretSource | undefined)[] {
  return lists.flatMap(({ value: { users } }) => users.map(({ value }) => value.hash));
}

export function buildBasicUsers(
  lists: readonly Named<BasicUsersInput>[],
  resources: Resources,
  problems: Problems,
): { readonly basicUsers?: readonly BasicUsers[] } {
  if (lists.length === 0) return {};
  const basicUsers = lists.map(({ name, at, value: { users } }) => {
    if (users.length === 0) {
      problems.error("users-missing", at, `the list ${name} has no users`, "write users: { name: { hash: … } }");
    }
    return { name, users: users.flatMap((user) => buildUser(user, resources, problems)) };
  });
  return { basicUsers };
}

function buildUser({ name, at, value }: Named<BasicUserInput>, resources: Resources, problems: Problems): BasicUser[] {
  const hash = markedOf(value.hash, resources);
  if (hash === undefined || value.hash === undefined) return [];
  checkHash(name, hash.value, value.hash.at ?? at, problems);
  return [{ name, hash, groups: value.groups }];
}

/** What is wrong is said without a character of it. */
function checkHash(user: string, hash: string, at: SourcePosition, problems: Problems): void {
  const parsed = parsePasswordHash(hash);
  if (typeof parsed !== "string") {
    if (isWeak(parsed)) {
      problems.warn("password-hash-weak", at, `the hash of ${user} is guessed quickly by whoever gets it`, makeOne);
    }
    return;
  }
  problems.error("password-hash-invalid", at, `what stands for the password of ${user} ${parsed}`, makeOne);
}

const makeOne = "make one: sallyport hash-password";

/** A list that is not there has been reported, or will be. */
export function buildBasicAccess(
  input: BasicAccessInput | undefined,
  lists: readonly Named<BasicUsersInput>[],
): { readonly basic?: BasicAccess } {
  const list = lists.find(({ name }) => name === input?.users?.value);
  if (input === undefined || list === undefined) return {};
  return { basic: { users: list.name, realm: list.value.realm, wrong: input.wrong, forward: input.forward } };
}
