import { cel } from "./cel.ts";
import { chain } from "./chain.ts";
import { csharp } from "./csharp.ts";
import { keys } from "./keys.ts";
import { limiter } from "./limiter.ts";
import { record } from "./record.ts";
import { router } from "./router.ts";
import type { Subject } from "./subject.ts";

/** What calling a subject costs by itself, which is in all other figures. */
const nothing: Subject = { group: "nothing", name: "a call", prepare: () => ({ run: () => {} }) };

export const all: readonly Subject[] = [
  nothing,
  ...router,
  ...keys,
  ...limiter,
  ...chain,
  ...cel,
  ...csharp,
  ...record,
];
