import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { certificateIdOf } from "#edge/acme/renewal-info.ts";
import { makeCa, quietLog, run, type Running } from "#edge/harness.test.ts";
import { noMeter } from "#model/metrics.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { type AriFront, startAriFront } from "#test/support/ari-front.ts";
import { freePorts } from "#test/support/free-port.ts";
import { type Pebble, startPebble } from "#test/support/pebble.ts";
import { needsCommand } from "#test/support/require.ts";
import { AcmeAuthority } from "./acme-authority.ts";
import { CertificateTree } from "./certificate-tree.ts";
import { plainFiles } from "#edge/secret-files.ts";
import { ChallengeBoard } from "./challenge-board.ts";
import { CertificateManager } from "./manager.ts";

const hour = 3_600_000;

describe(
  "renewal as the authority wishes, pebble behind a front that has renewal information",
  needsCommand("pebble"),
  () => {
    let pebble: Pebble;
    let front: AriFront;
    let edge: Running;
    let folder: string;
    let closeCa: () => Promise<void>;
    let later = 0;
    let manager: CertificateManager;
    const clock = { now: () => Date.now() + later, mono: () => performance.now() };

    before(async () => {
      const [httpPort] = (await freePorts(1)) as [number];
      pebble = await startPebble({ httpPort });
      const { ca, remove } = await makeCa();
      closeCa = remove;
      const { chain, key } = await ca.issue(["127.0.0.1"]);
      front = await startAriFront(pebble, { cert: chain, key });
      edge = await run({ tls: "internal", http: [{ host: "127.0.0.1", port: httpPort }] });
      folder = await mkdtemp(join(tmpdir(), "sallyport-ari-"));
      const random = { bytes: (count: number) => randomBytes(count) };
      const tree = new CertificateTree(folder, random, quietLog, plainFiles(random));
      const board = new ChallengeBoard(async (pending) => edge.edge.setChallenges(pending), clock);
      const pause = (ms: number): Promise<void> => sleep(ms);
      const authority = new AcmeAuthority({
        name: "pebble",
        directory: front.directory,
        staging: null,
        email: null,
        binding: null,
        profile: null,
        preferredChain: null,
        egress: createEgress({ allow: [], ownAddresses: [], clock, ca: ca.rootCertificatePem }),
        tree,
        clock,
        pause,
      });
      manager = new CertificateManager({
        means: {
          authorities: [authority],
          solvers: new Map([["http-01", board.http(null)]]),
          keyType: "p256",
          log: quietLog,
          meter: noMeter,
        },
        tree,
        locks: { shared: false, pause },
        clock,
        fraction: () => 0.5,
        log: quietLog,
        onChange: () => {},
        stopping: () => false,
      });
      await manager.setNames(["a.sally.org"]);
    });
    after(async () => {
      await edge?.stop();
      await front?.stop();
      await pebble?.stop();
      await closeCa?.();
      await rm(folder, { recursive: true, force: true });
    });

    it("asks by the certificate's identifier, waits for the window, and says which certificate is replaced", async () => {
      await manager.check();
      const first = manager.find("a.sally.org")?.certificate?.chainPem ?? "";
      const opens = Date.now() + 24 * hour;
      front.window = { start: new Date(opens).toISOString(), end: new Date(opens + 2 * hour).toISOString() };
      await manager.check();
      assert.deepEqual([...new Set(front.asked)], [certificateIdOf(first)]);
      later = 24 * hour;
      await manager.check();
      assert.equal(
        manager.find("a.sally.org")?.certificate?.chainPem,
        first,
        "its moment, the middle of the window, has not come",
      );
      later = 25 * hour + 60_000;
      await manager.check();
      assert.notEqual(manager.find("a.sally.org")?.certificate?.chainPem, first);
      // An order whose nonce pebble has refused, as it does at random, is asked for again.
      assert.deepEqual([...new Set(front.replaced)], [undefined, certificateIdOf(first)]);
    });
  },
);
