import { isScimObject, keyIn, type ScimObject, valueIn } from "./attributes.ts";
import { type FilterTest, parseValueFilter, withoutSchema } from "./filter.ts";
import { ScimError } from "./scim-error.ts";

/** One operation of a PATCH, read and in order. */
export interface PatchOperation {
  readonly op: "add" | "replace" | "remove";
  /** Null: the value names the attributes. */
  readonly path: PatchPath | null;
  readonly value: unknown;
}

/** `emails[type eq "work"].value` */
export interface PatchPath {
  readonly attribute: string;
  /** Which items of a list; null: all. */
  readonly which: FilterTest | null;
  /** As it was written, for a new item. */
  readonly filter: string | null;
  readonly sub: string | null;
}

const maxOperations = 100;
const maxPathLength = 1000;
/** Of one operation's value, and of the items of a list: each is looked through for each operation. */
const maxParts = 200;
const path =
  /^(?<attribute>(?:urn:[\w:.-]+:)?[A-Za-z$][\w$-]*)(?:\[(?<filter>[^\]]+)\])?(?:\.(?<sub>[A-Za-z$][\w$-]*))?$/;

/** @throws ScimError 400 @see RFC 7644 §3.5.2 */
export function readPatch(body: ScimObject): readonly PatchOperation[] {
  const operations = valueIn(body, "Operations");
  if (!Array.isArray(operations) || operations.length === 0) {
    throw new ScimError(400, "a PATCH has Operations", "invalidSyntax");
  }
  if (operations.length > maxOperations) throw new ScimError(413, `a PATCH has at most ${maxOperations} operations`);
  return operations.map(readOperation);
}

function readOperation(operation: unknown): PatchOperation {
  if (!isScimObject(operation)) throw new ScimError(400, "an operation is an object", "invalidSyntax");
  const op = String(valueIn(operation, "op")).toLowerCase();
  if (op !== "add" && op !== "replace" && op !== "remove") {
    throw new ScimError(400, `${op} is no operation: add, replace and remove are`, "invalidSyntax");
  }
  const written = valueIn(operation, "path");
  const target = typeof written === "string" && written !== "" ? readPath(written) : null;
  if (op === "remove" && target === null) throw new ScimError(400, "what to remove is not said", "noTarget");
  return { op, path: target, value: valueIn(operation, "value") };
}

function readPath(text: string): PatchPath {
  if (text.length > maxPathLength) {
    throw new ScimError(400, `a path has at most ${maxPathLength} characters`, "invalidPath");
  }
  const { attribute, filter, sub } = path.exec(text)?.groups ?? {};
  if (attribute === undefined) throw new ScimError(400, `${text} is no path`, "invalidPath");
  const which = filter === undefined ? null : parseValueFilter(filter);
  return { attribute: withoutSchema(attribute), which, filter: filter ?? null, sub: sub ?? null };
}

/** The resource as it is to be. Attributes that nobody here knows are kept out of it by whoever reads it. */
export function patched(resource: ScimObject, operations: readonly PatchOperation[]): ScimObject {
  return operations.reduce(applyOne, resource);
}

function applyOne(resource: ScimObject, { op, path: target, value }: PatchOperation): ScimObject {
  if (target !== null) return changeAt(resource, target, op, value);
  if (!isScimObject(value)) throw new ScimError(400, "without a path, the value is an object", "invalidValue");
  const parts = Object.entries(value);
  checkParts(parts);
  return parts.reduce((changed, [key, part]) => changeAt(changed, readPath(key), op, part), resource);
}

function checkParts(parts: readonly unknown[]): void {
  if (parts.length > maxParts) throw new ScimError(413, `a user has at most ${maxParts} attributes, and of each value`);
}

function changeAt(resource: ScimObject, target: PatchPath, op: PatchOperation["op"], value: unknown): ScimObject {
  const { attribute, which, sub } = target;
  const before = valueIn(resource, attribute);
  if (which !== null) return put(resource, attribute, changeItems(before, target, op, value));
  if (sub !== null) {
    const around = isScimObject(before) ? before : {};
    return put(resource, attribute, op === "remove" ? without(around, sub) : put(around, sub, value));
  }
  if (op === "remove") return without(resource, attribute);
  return put(resource, attribute, op === "add" ? added(before, value) : value);
}

/** Of a list of objects, those that the filter names; one that is not there is made of the filter where that says how. */
function changeItems(before: unknown, target: PatchPath, op: PatchOperation["op"], value: unknown): unknown {
  const { which, sub, filter } = target;
  const items = Array.isArray(before) ? (before as readonly unknown[]) : [];
  checkParts(items);
  const isMeant = (item: unknown): item is ScimObject => isScimObject(item) && which?.(item) === true;
  if (op === "remove" && sub === null) return items.filter((item) => !isMeant(item));
  if (!items.some(isMeant)) return op === "remove" ? items : [...items, newItem(filter ?? "", sub, value)];
  return items.map((item) => (isMeant(item) ? changeItem(item, sub, op, value) : item));
}

function changeItem(item: ScimObject, sub: string | null, op: PatchOperation["op"], value: unknown): ScimObject {
  if (sub !== null) return op === "remove" ? without(item, sub) : put(item, sub, value);
  if (!isScimObject(value)) throw new ScimError(400, "an item of a list is an object", "invalidValue");
  return op === "add" ? { ...item, ...value } : value;
}

/** Entra ID replaces `emails[type eq "work"].value` of somebody who had no address. */
function newItem(filter: string, sub: string | null, value: unknown): ScimObject {
  const [, name, text] = /^\s*(\w+)\s+eq\s+"([^"]*)"\s*$/i.exec(filter) ?? [];
  if (name === undefined) throw new ScimError(400, "no item is as the path says", "noTarget");
  const made = { [name]: text };
  return sub === null ? { ...made, ...(isScimObject(value) ? value : {}) } : { ...made, [sub]: value };
}

function added(before: unknown, value: unknown): unknown {
  if (Array.isArray(before)) {
    checkParts(before);
    return [...(before as readonly unknown[]), ...(Array.isArray(value) ? value : [value])];
  }
  return isScimObject(before) && isScimObject(value) ? { ...before, ...value } : value;
}

function put(object: ScimObject, name: string, value: unknown): ScimObject {
  return { ...object, [keyIn(object, name) ?? name]: value };
}

function without(object: ScimObject, name: string): ScimObject {
  const { [keyIn(object, name) ?? ""]: _, ...rest } = object;
  return rest;
}
