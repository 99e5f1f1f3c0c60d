import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { TestOptions } from "node:test";

/** Root of the checkout. */
export const root: string = join(import.meta.dirname, "..", "..");

/** CI requires every component: what is missing fails. */
export const everything: boolean = process.env["SALLYPORT_REQUIRE"] === "all";

/** Options for a test that needs a command: skipped with the reason where it is missing, failing where CI requires it. */
export function needsCommand(command: string): TestOptions {
  const found = spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
  return found || everything ? {} : { skip: `${command} is not installed` };
}

/** Options for a test that needs a network of its own, with Caddy in it. */
export function needsNamespaces(): TestOptions {
  const { status } = spawnSync("unshare", ["-nm", "sh", "-c", "ip link set lo up && command -v caddy"], {
    stdio: "ignore",
  });
  return status === 0 || everything ? {} : { skip: "no network namespace can be made here, or caddy or ip is missing" };
}
