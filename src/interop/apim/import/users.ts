import { readCsv } from "./csv.ts";
import { compare } from "./artifacts.ts";
import type { Import } from "./import.ts";
import { Information, isRecord, parseJson, resourcesOf } from "./information.ts";
import { idOf } from "./names.ts";

/** A user as `sallyport users import` takes it. */
export interface ImportedUser {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly state: "active" | "blocked" | "pending";
  readonly note: string;
  readonly identities: readonly { readonly provider: string; readonly id: string }[];
  readonly groups: readonly string[];
  readonly registeredAt?: string;
}

const usableId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Reads a CSV with the columns id and email, and firstName, lastName, state, note, groups (with `;` between) and
 * registrationDate if there are any; or users as the management API lists them.
 * @returns a message when it is neither. It never quotes the text: it is about people.
 */
export function readUsers(text: string): readonly ImportedUser[] | string {
  if (/^\s*[{[]/.test(text.replace(/^\ufeff/, ""))) {
    const json = parseJson(text);
    const list = isRecord(json) ? json["value"] : json;
    return Array.isArray(list) ? list.filter(isRecord).map(fromObject) : "holds no list of users";
  }
  try {
    return fromRows(readCsv(text));
  } catch (error) {
    return error instanceof SyntaxError ? error.message : "is no CSV";
  }
}

function fromRows([header = [], ...rows]: readonly (readonly string[])[]): readonly ImportedUser[] | string {
  const columns = header.map((column) => column.toLowerCase().replaceAll(/[^a-z]/g, ""));
  if (!columns.includes("id") || !columns.includes("email")) return "lacks the columns id and email";
  return rows.map((row) => {
    const field = (name: string): string => row[columns.indexOf(name)] ?? "";
    const groups = field("groups")
      .split(";")
      .map((name) => name.trim());
    return {
      id: idOf(field("id")),
      email: field("email"),
      firstName: field("firstname"),
      lastName: field("lastname"),
      state: stateOf(field("state")),
      note: field("note"),
      identities: [],
      groups: withDevelopers(groups.filter((name) => name !== "")),
      ...registered(field("registrationdate")),
    };
  });
}

/** Its identities and groups may be nested or not, as with `expandGroups`. */
function fromObject(object: Readonly<Record<string, unknown>>): ImportedUser {
  const own = new Information(isRecord(object["properties"]) ? { ...object, ...object["properties"] } : object);
  const text = (name: string): string => own.text(name) ?? "";
  const groups = own.inners("groups").map((group) => idOf(group.text("name") ?? group.text("id") ?? ""));
  return {
    id: idOf(own.text("name") ?? text("id")),
    email: text("email"),
    firstName: text("firstName"),
    lastName: text("lastName"),
    state: stateOf(text("state")),
    note: text("note"),
    identities: own
      .inners("identities")
      .map((one) => ({ provider: one.text("provider") ?? "", id: one.text("id") ?? "" })),
    groups: withDevelopers(groups.filter((name) => name !== "")),
    ...registered(text("registrationDate")),
  };
}

/** What is said of nobody is active there; whatever else there is, is not. */
function stateOf(text: string): ImportedUser["state"] {
  const state = text.toLowerCase();
  if (state === "" || state === "active") return "active";
  return state === "pending" ? "pending" : "blocked";
}

/** Whoever is registered is a developer there, whatever a list says. */
function withDevelopers(groups: readonly string[]): readonly string[] {
  return [...new Set([...groups, "developers"])];
}

function registered(text: string): { readonly registeredAt?: string } {
  const time = Date.parse(text);
  return Number.isNaN(time) ? {} : { registeredAt: new Date(time).toISOString() };
}

/** Writes `users.json`, for the running gateway: nobody is in the definition. */
export function importUsers(context: Import, users: readonly ImportedUser[]): void {
  const { draft, report } = context;
  const described = resourcesOf(context, "groups", "groupInformation.json");
  if (users.length === 0) {
    for (const { path, id } of described) report.note(path, `the group ${id} is not carried over without --users`);
    return;
  }
  const usable = users.filter(({ id }) => usableId.test(id));
  if (usable.length < users.length) {
    report.refuse(
      "--users",
      `${users.length - usable.length} users have an id that cannot be one here: they are left out`,
    );
  }
  const texts = new Map(described.map(({ id, information }) => [id, information] as const));
  const names = new Set(
    [...texts.keys(), ...usable.flatMap(({ groups }) => groups)].filter((name) => usableId.test(name)),
  );
  const builtIn = new Set(["administrators", "developers", "guests"]);
  const groups = [...names]
    .filter((name) => !builtIn.has(name))
    .toSorted(compare)
    .map((name) => ({
      name,
      displayName: texts.get(name)?.text("displayName") ?? name,
      description: texts.get(name)?.text("description") ?? "",
    }));
  const written = usable.map((user) => ({ ...user, groups: user.groups.filter((name) => usableId.test(name)) }));
  draft.secrets.set("users.json", `${JSON.stringify({ groups, users: written }, null, 2)}\n`);
  report.map("--users", "users.json");
  report.note("--users", "once the gateway runs: sallyport users import users.json");
}
