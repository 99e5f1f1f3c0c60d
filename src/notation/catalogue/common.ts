import type { Argument, Scope, Section } from "#model/policy-tree.ts";
import type { ArgumentSpec } from "./spec.ts";

export const everySection: readonly Section[] = ["inbound", "backend", "outbound", "on-error"];

export const everyScope: readonly Scope[] = ["global", "workspace", "product", "api", "operation"];

/** Policies that workspaces do not have. */
export const outsideWorkspaces: readonly Scope[] = ["global", "product", "api", "operation"];

export type CheckedArguments = Readonly<Record<string, Argument>>;

export type ArgumentProblem = { readonly argument: string; readonly message: string };

/** The literal that an argument holds, or undefined when it is absent or computed. */
export function literalOf(argument: Argument | undefined): string | number | boolean | undefined {
  return argument?.kind === "literal" ? argument.value : undefined;
}

/** Items of a list argument; none when it is absent. */
export function itemsOf(argument: Argument | undefined): readonly Argument[] {
  return argument?.kind === "list" ? argument.items : [];
}

/** Fields that report a limit to the client and to later policies; the same for both rate limits. */
export const limitReporting: Readonly<Record<string, ArgumentSpec>> = {
  retryAfterHeader: {
    type: "string",
    summary: "Response header that tells how many seconds to wait.",
    default: "Retry-After",
    xml: "@retry-after-header-name",
  },
  retryAfterVariable: {
    type: "string",
    summary: "Variable that gets the seconds to wait.",
    xml: "@retry-after-variable-name",
  },
  remainingHeader: {
    type: "string",
    summary: "Response header with the calls that are left.",
    xml: "@remaining-calls-header-name",
  },
  remainingVariable: {
    type: "string",
    summary: "Variable that gets the calls that are left.",
    xml: "@remaining-calls-variable-name",
  },
  totalHeader: {
    type: "string",
    summary: "Response header with the calls of a period.",
    xml: "@total-calls-header-name",
  },
};

/** Limits of their own for single APIs and their operations, by name or by id. */
export function limitedApis(limits: Readonly<Record<string, ArgumentSpec>>): ArgumentSpec {
  const named: Readonly<Record<string, ArgumentSpec>> = {
    name: { type: "string", summary: "Its name." },
    id: { type: "string", summary: "Its id, which goes before the name." },
    ...limits,
  };
  const operations: ArgumentSpec = {
    type: "list",
    summary: "Limits of single operations.",
    items: { type: "map", summary: "An operation.", entries: named },
    xml: "operation",
  };
  return {
    type: "list",
    summary: "Limits of single APIs.",
    items: { type: "map", summary: "An API.", entries: { ...named, operations } },
    xml: "api",
  };
}

/** Most calls of any limiter. */
export const maxCalls = 1_000_000_000;
