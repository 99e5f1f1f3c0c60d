import { parentPort, workerData } from "node:worker_threads";
import { inSlices } from "#lib/slices.ts";
import type { PackedValue } from "./packed-value.ts";
import { unpack } from "./unpack.ts";

/** A thread that is handed a packed list, and counts its own turns while it reads. */
let turns = 0;
const counting = setInterval(() => (turns += 1), 0);
const list = await inSlices(unpack<readonly { readonly text: string }[]>(workerData as PackedValue));
clearInterval(counting);
parentPort?.postMessage({ length: list.length, last: list.at(-1)?.text, turns: turns > 0 });
