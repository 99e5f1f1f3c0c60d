import { everyScope, everySection } from "./common.ts";
import type { PolicySpec } from "./spec.ts";

export const base: PolicySpec = {
  name: "base",
  summary: "Runs the same section of the next broader scope here. A section without it drops the broader policies.",
  sections: everySection,
  scopes: everyScope,
  args: {},
  example: "base: {}",
};
