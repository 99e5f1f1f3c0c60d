import { createTransformThreads } from "#app/transform-threads.ts";
import { keptLog, testing } from "#policy/policy.test-helper.ts";

/** Loaded before a suite: whatever the size of a body, the threads beside do the work. */
testing.transforms = { ...createTransformThreads(keptLog().log), fromBytes: 0 };
