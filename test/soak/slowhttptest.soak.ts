import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { needsCommand, needsNamespaces } from "#test/support/require.ts";
import type { Measured } from "./inside-slow-attack.ts";

const attackers = 2000;
const seconds = 12;
/** Of the same measure without the attack. */
const goal = 3;

const attacks: Readonly<Record<string, readonly string[]>> = {
  "slow headers": ["-H", "-i", "2", "-x", "24"],
  "slow body": ["-B", "-i", "2", "-s", "100000", "-x", "10"],
  "slow read": ["-X", "-n", "2", "-w", "64", "-y", "512", "-z", "32"],
};

/**
 * A network of its own with the packet size of a real one. With loopback's 64 KiB the kernel gives each sender room
 * for a megabyte: two thousand slow readers are two gigabytes of it, and then it drops packets of everybody.
 */
const network = 'ip link set lo mtu 1500 up && exec "$@"';

async function measured(options: readonly string[]): Promise<Measured> {
  const inside = join(import.meta.dirname, "inside-slow-attack.ts");
  const command = [process.execPath, inside, String(attackers), String(seconds), ...options];
  const { stdout } = await promisify(execFile)("unshare", ["-n", "sh", "-c", network, "sh", ...command], {
    timeout: 170_000,
  });
  return JSON.parse(stdout) as Measured;
}

/** The usual tool for slow-client attacks against the gateway, while others are served. */
describe("slowhttptest", { ...needsCommand("slowhttptest"), ...needsNamespaces() }, () => {
  for (const [name, options] of Object.entries(attacks)) {
    it(`${name}: ${attackers} connections leave the others served, and soon`, async (t) => {
      const { quiet, attacked, requests, held } = await measured(options);
      const shown = `${attacked.toFixed(1)} ms against ${quiet.toFixed(1)} ms quiet`;
      t.diagnostic(`${name}: ${held} sockets held at most, ${requests} requests, p99 ${shown}`);
      t.diagnostic(`${(attacked / quiet).toFixed(1)} times; the goal is ${goal}, on a machine that does nothing else`);
      // The tool, its target and the measuring share the machine with whatever else it does: a bound of decency.
      assert.ok(attacked < Math.max(400, goal * quiet), shown);
    });
  }
});
