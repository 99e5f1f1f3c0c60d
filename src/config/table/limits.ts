import { duration, integer, size } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";

export interface LimitsInput {
  readonly headerSize: number;
  readonly headerCount: number;
  readonly bodySize: number;
  readonly policyBodySize: number;
  readonly expressionTime: number;
  readonly headersTimeout: number;
  readonly bodyIdleTimeout: number;
  readonly idleTimeout: number;
  readonly streamIdleTimeout: number;
  readonly connections: number;
  readonly drain: number;
}

const kib = 1024;
const mib = 1024 * kib;
const second = 1000;
const minute = 60 * second;

/** Largest body any setting can allow: 64 GiB. */
export const maxBodySize: number = 64 * 1024 * mib;

export const limitsShape: ObjectShape<LimitsInput> = object<LimitsInput>("edge.limits", {
  headerSize: { shape: size(kib, 256 * kib), about: "Bytes of a request's head.", default: 16 * kib },
  headerCount: { shape: integer(8, 2000), about: "Header fields of a request.", default: 100 },
  bodySize: {
    shape: size(0, maxBodySize),
    about: "Bytes of a request's body; an API can say its own.",
    default: 100 * mib,
  },
  policyBodySize: {
    shape: size(kib, 256 * mib),
    about: "Bytes of a body, of a request or a response, that policies read or change as a whole.",
    default: 10 * mib,
  },
  expressionTime: {
    shape: duration(1, 10 * second),
    about: "Processor time of one expression in C#; all of a request may take five times as long.",
    default: 100,
  },
  headersTimeout: {
    shape: duration(100, 10 * minute),
    about: "Time for the whole head to arrive.",
    default: 10 * second,
  },
  bodyIdleTimeout: {
    shape: duration(100, 60 * minute),
    about: "Longest silence between two pieces of a body.",
    default: 30 * second,
  },
  idleTimeout: { shape: duration(second, 60 * minute), about: "Idle keep-alive connection.", default: 5 * minute },
  streamIdleTimeout: {
    shape: duration(second, 24 * 60 * minute),
    about: "Longest silence on a WebSocket or within an event stream.",
    default: 60 * minute,
  },
  connections: { shape: integer(1, 1_000_000), about: "Open client connections.", default: 10_000 },
  drain: {
    shape: duration(0, 60 * minute),
    about: "How long a shutdown waits for what is in flight.",
    default: 30 * second,
  },
});
