import { type Node, visit } from "yaml";
import type { PolicyException } from "#model/definition.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { suggestion } from "#notation/nearest.ts";
import { hasPlaceholder } from "#notation/yaml/fill.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ExceptionInput } from "#config/table/exception.ts";
import { findPolicies } from "./find-policy.ts";
import { holdsPolicies } from "./holds-policies.ts";
import { childAt, putNode, type Step } from "./put-node.ts";
import { sourceOf } from "./source-of.ts";

export interface Excepted {
  readonly root: Slot;
  readonly exceptions: readonly PolicyException[];
}

/** Puts an environment's exceptions where they belong; what they say is then read like everything else. */
export function withExceptions(
  reading: PolicyReading,
  root: Slot,
  exceptions: readonly Named<ExceptionInput>[],
): Excepted {
  const made: PolicyException[] = [];
  let whole = root;
  for (const exception of exceptions) {
    const path = placeOf(reading, whole, exception);
    const { value, argument, reason, approvedBy, until } = exception.value;
    if (path === undefined || value?.node === null || value === undefined || argument === undefined) continue;
    if (until === undefined || reason === undefined || approvedBy === undefined) continue;
    const before = childAt(
      reading,
      path.reduce((slot: Slot, step) => childAt(reading, slot, step), whole),
      argument.value,
    );
    made.push({
      name: exception.name,
      place: nameOf(exception.value, argument.value),
      instead: before.node === null ? null : sourceOf(before.node),
      value: sourceOf(value.node),
      reason,
      approvedBy,
      until: until.value,
      at: exception.at,
    });
    whole = putNode(reading, whole, [...path, argument.value], value.node);
  }
  return { root: whole, exceptions: made };
}

/** Path to the arguments of the one policy that is meant; undefined, and reported, when there is no such one. */
function placeOf(
  reading: PolicyReading,
  root: Slot,
  { at, value }: Named<ExceptionInput>,
): readonly Step[] | undefined {
  const { policy, argument, id, section, fragment } = value;
  if (policy === undefined || argument === undefined || !isArgument(reading, value)) return undefined;
  const owner = ownerOf(value);
  if (owner === undefined) {
    const fix = "name one of api (with an operation), product and fragment; none for the definition's own policies";
    reading.problems.error("exception-place", at, "the exception does not say whose policy it is about", fix);
    return undefined;
  }
  if (fragment === undefined && section === undefined) {
    reading.problems.error("key-missing", at, "the exception lacks section", "add section: inbound");
    return undefined;
  }
  const path = fragment === undefined ? [...owner, "policies", section as string] : owner;
  const around = path.reduce((slot: Slot, step) => childAt(reading, slot, step), root);
  const [found, ...more] = findPolicies(reading, around, path, policy.value, id);
  if (found !== undefined && more.length === 0) return found;
  const message =
    found === undefined
      ? `there is no policy ${policy.value} in ${described(path)}`
      : `${more.length + 1} policies ${policy.value} stand in ${described(path)}`;
  const fix = found === undefined ? "name one that is written in this file" : "give it an id, and name that";
  reading.problems.error("exception-place", policy.at, message, fix);
  return undefined;
}

function ownerOf({ api, operation, product, fragment }: ExceptionInput): readonly string[] | undefined {
  if ([api, product, fragment].filter((one) => one !== undefined).length > 1) return undefined;
  if (operation !== undefined) return api && ["apis", api.value, "operations", operation.value];
  if (api !== undefined) return ["apis", api.value];
  if (product !== undefined) return ["products", product.value];
  return fragment === undefined ? [] : ["fragments", fragment.value];
}

/** Of a policy that there is, an argument that it takes; which policies run is nothing that an exception changes. */
function isArgument({ catalogue, problems }: PolicyReading, { policy, argument, value }: ExceptionInput): boolean {
  const spec = catalogue.get(policy?.value ?? "");
  if (spec === undefined || argument === undefined) return true;
  const before = problems.errorCount;
  const taken = spec.args[argument.value];
  if (taken === undefined) {
    const fix = suggestion(argument.value, Object.keys(spec.args), (name) => `argument: ${name}`);
    problems.error("exception-place", argument.at, `${spec.name} has no argument ${argument.value}`, fix);
  } else if (holdsPolicies(taken)) {
    const message = `${spec.name}.${argument.value} holds policies: which ones run is the same in every environment`;
    problems.error("exception-place", argument.at, message, "name an argument of a policy within it");
  }
  if (value !== undefined && isFilled(value.node)) {
    const message = "the value of an exception is what was agreed on, and no {{value}}";
    problems.error("value-in-policy", value.at, message, "write it out");
  }
  return problems.errorCount === before;
}

function isFilled(node: Node | null): boolean {
  let found = false;
  visit(node, { Scalar: (_, { value }) => void (found ||= typeof value === "string" && hasPlaceholder(value)) });
  return found;
}

/** Without a number: another policy in front of it is no other exception. */
function nameOf(exception: ExceptionInput, argument: string): string {
  const { policy, id, section, fragment } = exception;
  const owner = [...(ownerOf(exception) ?? []), ...(fragment === undefined ? ["policies", section] : [])].join(".");
  return `${owner} ${policy?.value ?? ""}${id === undefined ? "" : `#${id}`}.${argument}`;
}

function described(path: readonly Step[]): string {
  const owner = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return owner.slice(1);
}
