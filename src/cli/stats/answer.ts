import type { Answer, Group, Point } from "#analytics/question.ts";

/** A group as the admin API writes it. */
export interface ShownGroup extends Omit<Group, "points"> {
  readonly points?: readonly (Omit<Point, "start"> & { readonly start: string })[];
}

/** The answer of `GET /analytics`. */
export interface ShownAnswer extends Pick<Answer, "resolution" | "total" | "omitted"> {
  readonly from: string;
  readonly to: string;
  readonly stepSeconds: number | null;
  readonly groups: readonly ShownGroup[];
}
