import { createRequire } from "node:module";
import type * as Graphql from "graphql";

const require = createRequire(import.meta.url);
let loaded: typeof Graphql | undefined;

/** Loading it takes tens of milliseconds, so only those wait for it that have a policy which needs it. */
export function graphqlLibrary(): typeof Graphql {
  return (loaded ??= require("graphql") as typeof Graphql);
}
