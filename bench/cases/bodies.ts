import { largeBytes } from "../site.ts";
import type { Case } from "./case.ts";
import { sideBySide } from "./side-by-side.ts";

const both = sideBySide("bodies", "bodies of 10 MB down and up, bare over HTTPS, MB per CPU second", [
  "nginx:down",
  "sallyport:down",
  "nginx:up",
  "sallyport:up",
]);

/** As each request carries the same body, that is only another way of telling what one costs. */
export const bodies: Case = {
  ...both,
  async run(world) {
    const { rows, series } = await both.run(world);
    const rates = [...series].map(([key, micros]) => [`${key}@rate`, micros.map((one) => largeBytes / one)] as const);
    return { rows, series: new Map([...series, ...rates]) };
  },
};
