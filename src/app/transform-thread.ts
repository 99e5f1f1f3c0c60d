import { parentPort } from "node:worker_threads";
import { runTransform } from "#policy/transforms/run-transform.ts";
import { serveTransforms } from "#threads/serve-transforms.ts";

/** Entry of a thread beside a worker, for bodies that take long. */
if (parentPort !== null) serveTransforms(parentPort, runTransform);
