import { runTransform } from "./run-transform.ts";
import type { Transforms } from "./transforms.ts";

/** All of it on this thread: for the workbench, whose only request is the one that waits. */
export const localTransforms: Transforms = {
  fromBytes: Infinity,
  run: async (name, request, _bytes, asset) => (await runTransform(name, request, asset?.value)) as never,
};
