import { parentPort } from "node:worker_threads";
import { compareAnswers } from "#shadow/compare-answers.ts";
import { serveTransforms } from "#threads/serve-transforms.ts";
import type { Comparison } from "./comparison-pool.ts";

/** Entry of a thread beside a worker, for answers of two gateways. */
if (parentPort !== null) {
  serveTransforms(parentPort, (_, asked) => {
    const { request, old, fresh, ignored } = asked as Comparison;
    return compareAnswers(request, old, fresh, ignored);
  });
}
