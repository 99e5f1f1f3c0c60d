import { readCsv } from "./csv.ts";
import { isRecord, parseJson } from "./information.ts";
import { idOf } from "./names.ts";

/** Keys of one subscription, as they were exported. */
export interface SubscriptionKeys {
  readonly subscription: string;
  /** `/products/starter`, `/apis/orders`, `/apis`; absent when the folder is to say it. */
  readonly scope: string | undefined;
  readonly primaryKey: string | undefined;
  readonly secondaryKey: string | undefined;
  readonly state: string | undefined;
  /** `/users/1`; absent: nobody's, or the folder says it. */
  readonly owner: string | undefined;
}

/**
 * Reads a CSV with the columns subscription, scope, primaryKey, secondaryKey; or what the management API says:
 * subscriptions with their keys, or the keys of one, whose name is then the file's.
 * @param name of the file, without its ending
 * @returns a message when it is neither. It never quotes the text, which holds keys.
 */
export function readKeys(name: string, text: string): readonly SubscriptionKeys[] | string {
  if (/^\s*[{[]/.test(text.replace(/^\ufeff/, ""))) {
    const json = parseJson(text);
    return json === undefined ? "is no JSON" : fromJson(name, json);
  }
  try {
    return fromRows(readCsv(text));
  } catch (error) {
    return error instanceof SyntaxError ? error.message : "is no CSV";
  }
}

function fromRows([header = [], ...rows]: readonly (readonly string[])[]): readonly SubscriptionKeys[] | string {
  const columns = header.map((column) => column.toLowerCase().replaceAll(/[^a-z]/g, ""));
  const at = (name: string): number => columns.indexOf(name);
  if (at("subscription") < 0 || at("primarykey") < 0) return "lacks the columns subscription and primaryKey";
  return rows.map((row) => {
    const field = (column: string): string | undefined => row[at(column)] || undefined;
    return {
      subscription: field("subscription") ?? "",
      scope: field("scope"),
      primaryKey: field("primarykey"),
      secondaryKey: field("secondarykey"),
      state: field("state"),
      owner: field("ownerid") ?? field("owner"),
    };
  });
}

function fromJson(name: string, json: unknown): readonly SubscriptionKeys[] | string {
  if (Array.isArray(json)) return json.filter(isRecord).map((one) => fromObject("", one));
  if (!isRecord(json)) return "holds no subscriptions";
  if (Array.isArray(json["value"])) return fromJson(name, json["value"]);
  if (typeof json["primaryKey"] === "string") return [fromObject(name, json)];
  return Object.entries(json).flatMap(([id, keys]) => (isRecord(keys) ? [fromObject(id, keys)] : []));
}

function fromObject(name: string, object: Readonly<Record<string, unknown>>): SubscriptionKeys {
  const inner = isRecord(object["properties"]) ? object["properties"] : {};
  const text = (...names: readonly string[]): string | undefined =>
    names.map((one) => object[one] ?? inner[one]).find((one) => typeof one === "string" && one !== "") as
      | string
      | undefined;
  return {
    subscription: text("subscription", "name") ?? idOf(text("id") ?? name),
    scope: text("scope"),
    primaryKey: text("primaryKey"),
    secondaryKey: text("secondaryKey"),
    state: text("state"),
    owner: text("ownerId"),
  };
}
