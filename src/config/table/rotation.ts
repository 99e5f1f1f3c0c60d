import { duration } from "#config/shapes/numbers.ts";
import { object } from "#config/shapes/object.ts";
import { type Located, located, type Shape } from "#config/shapes/shape.ts";
import { short } from "#config/shapes/short.ts";

export interface RotationInput {
  readonly every: Located<number> | undefined;
  readonly grace: Located<number> | undefined;
  readonly notice: Located<number> | undefined;
}

const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;
const every = located(duration(hourMs, 10 * yearMs));

const wholeShape = object<RotationInput>("a rotation", {
  every: { shape: every, about: "At this age it is due.", required: true },
  grace: {
    shape: located(duration(0, yearMs)),
    about: "So long the old one goes on beside the new one; when absent, a quarter of every, 14 days at most.",
  },
  notice: {
    shape: located(duration(0, yearMs)),
    about: "So long before it is due people are told; when absent, a quarter of every, 14 days at most.",
  },
});

/** `rotation: 90d`, or all of it. */
export const rotationShape: Shape<RotationInput> = short(wholeShape, "every", every);
