import { asks } from "../scale/asks.ts";
import type { World } from "../world.ts";
import { type Asked, openAsked, turn } from "./asked.ts";
import type { Case } from "./case.ts";
import { cpuSideBySide } from "./side-by-side.ts";

/** Whether a whole request costs more where there is much of everything. */
export const scale: Case = {
  name: "scale",
  about: "10,000 routes, 1,000,000 keys, 100,000 live rate-limit keys, each beside ten",
  async run(world) {
    await using undo = new AsyncDisposableStack();
    const keys = asks.flatMap(({ targets }) => targets.map(({ key }) => key));
    const all = await openAsked(world, keys, undo);
    for (const asked of all) if (asked.target.key === "sallyport:many-callers") await ask(world, asked);
    return await cpuSideBySide(world, all);
  },
};

/** Until each caller has a counter: what is not alive would cost nothing. */
async function ask(world: World, asked: Asked): Promise<void> {
  let requests = 0;
  while (requests < asked.target.variants) {
    const { result } = await turn(world, asked, { seconds: world.options.seconds, rate: null }, "filling");
    requests += result.requests;
    if (result.requests === 0) throw new Error(`${asked.target.key}: no answer is good`);
  }
}
