import type { NamedValues } from "#notation/named-values.ts";
import type { Problems } from "#notation/problems.ts";
import type { YamlFile } from "./yaml-file.ts";

/** What everything that reads a part of one file needs. */
export interface Reading {
  readonly file: YamlFile;
  readonly problems: Problems;
  readonly values: NamedValues;
  /** What stands here is the same in every environment, and this is what it says; absent: values may fill it. */
  readonly fixed?: string;
}
