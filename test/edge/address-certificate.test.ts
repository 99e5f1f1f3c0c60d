import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { needsCommand } from "#test/support/require.ts";
import { closeSite, openSite, rowWhen, type Site, start, visit, visitUntil } from "./https-site.ts";

/** RFC 8738. The authority is told of a private address, as there is nothing else here that leads back to us. */
describe("a certificate for an address, against pebble", needsCommand("pebble"), () => {
  let site: Site;
  before(async () => {
    site = await openSite();
  });
  after(() => closeSite(site));

  for (const challenge of ["http-01", "tls-alpn-01"]) {
    it(`by ${challenge}`, async () => {
      const acme = [`challenges: [${challenge}]`, 'privateHosts: "127.0.0.1"'];
      const folder = mkdtempSync(join(site.folder, "by-"));
      const gateway = await start(site, { hosts: ["127.0.0.1"], acme }, folder);
      try {
        const root = await site.pebble.issuingRoot();
        // Whoever asks for an address sends no name (RFC 6066 §3).
        const certificate = await visitUntil(gateway, "", root);
        assert.equal(certificate.subjectAltName, "IP Address:127.0.0.1");
        assert.equal(certificate.checkIP("127.0.0.1"), "127.0.0.1");
        await rowWhen(
          gateway,
          ({ names: [name], state, source }) => name === "127.0.0.1" && state === "valid" && source === "acme",
        );
        assert.equal(await visit(gateway.port, "elsewhere.test", root), undefined, "no other name is served with it");
      } finally {
        await gateway.cleanUp();
      }
    });
  }
});
