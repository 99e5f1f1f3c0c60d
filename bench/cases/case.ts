import type { Series } from "../goals.ts";
import type { Row } from "../report.ts";
import type { World } from "../world.ts";

/** One part of what `npm run bench` measures. */
export interface Case {
  /** For --case. */
  readonly name: string;
  readonly about: string;
  run(world: World): Promise<Findings>;
}

export interface Findings {
  readonly series: Series;
  readonly rows: readonly Row[];
}
