import type { LogSettings, Rotation } from "#model/logs.ts";
import type { LogsInput, RotationInput } from "#config/table/logs.ts";

export function buildLogs({ access, operational }: LogsInput): LogSettings {
  return {
    access:
      access === undefined
        ? null
        : access.to === "stdout"
          ? { kind: "stdout" }
          : { kind: "file", rotation: rotationOf(access) },
    operational: operational === undefined ? null : rotationOf(operational),
  };
}

function rotationOf({ maxSize, maxAge, keep }: RotationInput): Rotation {
  return { maxBytes: maxSize, maxAgeMs: maxAge, keep };
}
