import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { installed, started } from "../peers.ts";
import { freePort, makeSite, startUpstream } from "../site.ts";
import { askerOf } from "../target.ts";
import type { AuthServiceFacts } from "./auth-service-facts.ts";
import { caddyPolicy } from "./caddy-policy.ts";

const required = process.env["SALLYPORT_REQUIRE"] === "all";
const skip = required || (installed("caddy") && installed("openssl")) ? false : "caddy or openssl is not installed";

test("Caddy with its service lets in a good key with a good token, and nobody else", { skip }, async () => {
  await using undo = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "sallyport-test-"));
  undo.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [upstreamPort, servicePort, port] = [await freePort(), await freePort(), await freePort()];
  const site = makeSite(folder, upstreamPort);
  const upstream = await startUpstream(folder, upstreamPort);
  undo.defer(() => upstream.stop());

  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const [issuer, audience] = ["http://127.0.0.1:9000", "api://orders"];
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: "RS256", use: "sig" }] };
  const key = "sp_a-subscription-key";
  const facts: AuthServiceFacts = { port: servicePort, keys: [key], issuer, audience, scope: "orders.read", jwks };
  const entry = join(import.meta.dirname, "auth-service.ts");
  const env = { BENCH_AUTH_SERVICE: JSON.stringify(facts) };
  const service = await started(process.execPath, [entry], servicePort, env);
  undo.defer(() => service.stop());
  const file = join(folder, "Caddyfile");
  writeFileSync(file, caddyPolicy({ ...site, port, servicePort }));
  const caddy = await started("caddy", ["run", "--config", file, "--adapter", "caddyfile"], port);
  undo.defer(() => caddy.stop());

  const token = (scope: string, expires: string): Promise<string> =>
    new SignJWT({ scope })
      .setProtectedHeader({ alg: "RS256" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject("billing")
      .setExpirationTime(expires)
      .sign(privateKey);
  const ca = readFileSync(site.certFile, "utf8");
  const firstAnswer = async (headers: readonly string[]): Promise<string> => {
    const what = { key: "", proxy: "", case: "", pids: [], port, tls: true, http2: false, ca, path: "/", variants: 1 };
    const asker = askerOf({ ...what, headers }, 1, new AbortController().signal);
    // The first turn may be over before it is connected.
    await asker.run({ seconds: 0.3, rate: null });
    const { requests, firstFailure } = await asker.run({ seconds: 0.1, rate: null });
    await asker.stop();
    return requests > 0 ? "200" : firstFailure.slice(9, 12);
  };
  const withKey = `Ocp-Apim-Subscription-Key: ${key}`;
  const good = `Authorization: Bearer ${await token("orders.read other", "1h")}`;
  assert.equal(await firstAnswer([withKey, good]), "200");
  assert.equal(await firstAnswer([good]), "401");
  assert.equal(await firstAnswer([`${withKey}x`, good]), "401");
  assert.equal(await firstAnswer([withKey]), "401");
  assert.equal(await firstAnswer([withKey, `Authorization: Bearer ${await token("orders", "1h")}`]), "401");
  assert.equal(await firstAnswer([withKey, `Authorization: Bearer ${await token("orders.read", "-1h")}`]), "401");
});
