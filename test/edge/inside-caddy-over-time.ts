import { X509Certificate } from "node:crypto";
import { AccountKey } from "#edge/acme/account-key.ts";
import { openAccount } from "#edge/acme/account.ts";
import type { AcmeError } from "#edge/acme/problem.ts";
import { AcmeSession } from "#edge/acme/session.ts";
import { AcmeTransport } from "#edge/acme/transport.ts";
import { systemClock } from "#edge/harness.test.ts";
import type { StoredAccount } from "#edge/managed/certificate-tree.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { startCaddyAuthority } from "./caddy-authority.ts";
import { openTimedSite } from "./timed-site.ts";

/**
 * Runs in a network namespace where ports 80 and 443 are free: Caddy as the authority, the gateway's certificates and
 * its edge as the client, and time as it is told. Prints what happened, as JSON. The one argument is a folder.
 */
const folder = process.argv[2] as string;
const hour = 3_600_000;
const name = "a.corp.internal";

const caddy = await startCaddyAuthority(folder);
const { directory, root: ca } = caddy;
const site = await openTimedSite({ name, issuers: [{ directory, ca }], httpPort: 80, tlsPort: 443 });
const { managed, manager } = site;
const serial = (): string => managed.certificate?.serial ?? "";
const isServed = async (): Promise<boolean> => (await site.visit(ca))?.serialNumber === serial();
/** What Caddy answers to whoever would revoke it, in the name of the account that ordered it. */
async function problemOfRevoking(chainPem: string): Promise<string> {
  const { keyPem } = (await site.tree.account(directory)) as StoredAccount;
  const transport = new AcmeTransport(createEgress({ allow: [], ownAddresses: [], clock: systemClock, ca }));
  const key = await AccountKey.read(keyPem);
  const session = await AcmeSession.open({ directoryUrl: directory, transport, key, clock: systemClock });
  await openAccount(session, { email: null, binding: null });
  const certificate = new X509Certificate(chainPem).raw.toString("base64url");
  const again = session.post(session.directory.revokeCert ?? "", { certificate }, "revoking it again");
  return again.then(
    () => "it was not",
    (error: AcmeError) => error.problem.type,
  );
}

const happened: Record<string, unknown> = {};
try {
  await site.passUntil(() => serial() !== "", 30_000);
  const first = managed.certificate;
  const lifetime = (first?.notAfter ?? 0) - (first?.notBefore ?? 0);
  happened["issued"] = await isServed();

  const waited = await site.passUntil(() => serial() !== first?.serial, 24 * hour);
  happened["renewed with a third left"] = Math.abs(waited - (lifetime * 2) / 3) < 12 * 60_000;
  happened["and served"] = await isServed();
  // Caddy has another clock: its new certificate is as old as the first one there.
  site.skip(-waited);

  const second = serial();
  await caddy.halt();
  await site.passUntil(() => managed.state.failures === 3, 24 * hour);
  happened["down"] = managed.state.lastFailure?.text.replace(/ \(.*/, "");
  happened["served meanwhile"] = serial() === second && (await isServed());
  await caddy.resume();
  happened["recovered after minutes"] = Math.round((await site.passUntil(() => serial() !== second, hour)) / 60_000);
  happened["and served then"] = await isServed();
  site.skip(-9 * hour);

  const [third, before] = [serial(), managed.certificate];
  await manager.replace(name, "keyCompromise");
  await site.passUntil(() => serial() !== third && managed.state.toRevoke === null, hour);
  happened["replaced"] = await isServed();
  happened["revoked"] = await problemOfRevoking(before?.chainPem ?? "");
} catch (error) {
  happened["error"] = String(error);
} finally {
  happened["log"] = site.logged.slice(-6);
  await site.stop();
  await caddy.halt();
  process.stdout.write(`${JSON.stringify(happened)}\n`);
}
