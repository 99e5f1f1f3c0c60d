import { choice } from "#config/shapes/choice.ts";
import { duration, integer, size } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";

export interface RotationInput {
  readonly maxSize: number;
  readonly maxAge: number;
  readonly keep: number;
}

export interface AccessLogInput extends RotationInput {
  readonly to: "file" | "stdout";
}

export interface LogsInput {
  readonly access: AccessLogInput | undefined;
  readonly operational: RotationInput | undefined;
}

const mib = 1024 * 1024;
const day = 86_400_000;

const rotation = {
  maxSize: { shape: size(64 * 1024, 4096 * mib), about: "Size at which another file is begun.", default: 100 * mib },
  maxAge: { shape: duration(60_000, 366 * day), about: "Age at which another file is begun.", default: day },
  keep: { shape: integer(0, 1000), about: "How many closed files stay; the oldest goes first.", default: 7 },
} as const;

const accessShape: ObjectShape<AccessLogInput> = object<AccessLogInput>("logs.access", {
  to: {
    shape: choice(["file", "stdout"]),
    about: "file: logs/access.log in the data folder. stdout: standard output, which is not rotated.",
    default: "file",
  },
  ...rotation,
});

const operationalShape: ObjectShape<RotationInput> = object<RotationInput>("logs.operational", rotation);

export const logsShape: ObjectShape<LogsInput> = object<LogsInput>("logs", {
  access: { shape: accessShape, about: "A line of JSON for each request that is over; none when absent." },
  operational: {
    shape: operationalShape,
    about: "Log lines also in logs/gateway.log of the data folder; on standard error alone when absent.",
  },
});
