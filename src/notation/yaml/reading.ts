import type { NamedValues } from "#notation/named-values.ts";
import type { Problems } from "#notation/problems.ts";
import type { YamlFile } from "./yaml-file.ts";

/**
 * Where values were filled in, by `line:column` of the scalar: `text`, where a text was due whatever the value is, so that
 * 5 would have to be written as "5" there.
 */
export type Fills = Map<string, "value" | "text">;

/** What everything that reads a part of one file needs. */
export interface Reading {
  readonly file: YamlFile;
  readonly problems: Problems;
  readonly values: NamedValues;
  /** What stands here is the same in every environment, and this is what it says; absent: values may fill it. */
  readonly fixed?: string;
  /** Absent: nobody wants to know. */
  readonly fills?: Fills;
}
