import type { Meter } from "#notation/dom/meter.ts";
import { charge, step } from "#notation/csharp/value/run.ts";

/** Trees and paths of an expression are paid for like everything else that it does. */
export const runMeter: Meter = { step, charge };
