import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoredEvent } from "#model/record.ts";
import type { TestGateway } from "./gateway.ts";

/** Events in a gateway's record as it stands on the disk, oldest first. */
export function eventsOf({ data }: Pick<TestGateway, "data">): readonly StoredEvent[] {
  const folder = join(data, "audit");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1))
    .map((line) => JSON.parse(line) as StoredEvent)
    .filter((entry) => "event" in entry);
}

/** The newest event of a type, which nobody has waited for; undefined when it does not come within some seconds. */
export async function eventOf(
  gateway: Pick<TestGateway, "data">,
  type: string,
  fits: (event: StoredEvent) => boolean = () => true,
): Promise<StoredEvent | undefined> {
  for (let tries = 0; ; tries += 1) {
    const found = eventsOf(gateway).findLast((one) => one.event === type && fits(one));
    if (found !== undefined || tries > 100) return found;
    await sleep(50);
  }
}
