import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { send, snippet } from "#test/forward-auth/setting.ts";
import { freePorts } from "#test/support/free-port.ts";
import { type FrontProxy, startCaddy, startNginx } from "#test/support/front-proxy.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { IdentityProvider } from "#test/support/identity-provider.ts";
import { startApplication } from "#test/support/login-scene.ts";
import { needsCommand } from "#test/support/require.ts";

type Login = "redirect" | "status";

const proxies = [
  { name: "caddy", start: startCaddy, login: "redirect" },
  { name: "nginx", start: startNginx, login: "status" },
] as const;

/**
 * The examples of docs/howto/login.md, as they stand there: the real proxies, asking, in front of an application.
 *
 * @param inTurn starts one thing after the other
 */
export function behindProxies(
  browser: () => Browser,
  inTurn: (start: () => Promise<TestGateway>) => Promise<TestGateway>,
): void {
  describe("behind another proxy that asks", { concurrency: 1 }, () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-behind-"));
    const fronts: FrontProxy[] = [];
    let ports: readonly number[];
    let application: Awaited<ReturnType<typeof startApplication>>;
    let provider: IdentityProvider;
    let gateway: TestGateway;

    const definition = (login: Login): string => `version: 1
edge:
  https: off
  listen: { http: "127.0.0.1:0" }
  trustedProxies: [127.0.0.1]
  forwardAuth: { path: /ask, callers: [127.0.0.1], login: ${login} }
identity:
  providers:
    corp: { issuer: "${provider.issuer}", clientId: gateway, clientSecret: { env: CORP_SECRET }, login: true }
apis:
  app: { hosts: [localhost], path: /app, forwardAuth: true, access: [{ allow: '"staff" in principal.groups' }] }
`;

    before(async () => {
      const tls = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
      const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2", "-nodes"];
      const keys = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", tls.key, "-out", tls.cert];
      execFileSync("openssl", ["req", "-x509", ...keys, ...names], { stdio: "ignore" });
      application = await startApplication();
      ports = await freePorts(proxies.length);
      const at = (path: string): string[] => ports.map((port) => `https://localhost:${port}/.sallyport/${path}`);
      const client = { redirect_uris: at("callback"), post_logout_redirect_uris: at("logged-out") };
      provider = await new IdentityProvider({ gateway: "https://localhost", client }).start();
      provider.people["ada"] = { name: "Ada", groups: ["staff"] };
      const env = { CORP_SECRET: provider.clientSecret };
      const options = { definition: definition("redirect"), args: ["--workers", "1"], env };
      gateway = await inTurn(() => startTestGateway(options));
      const { port } = application.address() as AddressInfo;
      for (const [index, { name, start }] of proxies.entries()) {
        if (needsCommand(name).skip !== undefined) continue;
        const text = snippet(name, { gateway }, { port }, "login.md");
        fronts.push(await start(text, { ...tls, port: ports[index] ?? 0 }));
      }
    });
    after(async () => {
      for (const front of fronts) await front.stop();
      await gateway.cleanUp();
      await provider.stop();
      application.closeAllConnections();
      application.close();
      await once(application, "close");
      rmSync(folder, { recursive: true, force: true });
    });

    /** Until the gateway has read its definition again. */
    async function use(login: Login, base: string): Promise<void> {
      writeFileSync(join(gateway.folder, "sallyport.yaml"), definition(login));
      gateway.process.kill("SIGHUP");
      for (let tries = 0; ; tries += 1) {
        const { status } = await send(gateway.port, "/ask", question(base));
        if (status === (login === "redirect" ? 302 : 401)) return;
        assert.ok(tries < 100, `it answers ${status}`);
        await sleep(50);
      }
    }

    /** A navigation to the application, as a proxy tells of it. */
    const question = (base: string): readonly string[] =>
      Object.entries({
        Accept: "text/html",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
        "X-Forwarded-Method": "GET",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": new URL(base).host,
        "X-Forwarded-Uri": "/app/",
        "X-Forwarded-For": "127.0.0.1",
      }).flat();

    for (const [index, { name, login }] of proxies.entries()) {
      it(`${name}: login, the deep link kept, the page shown, logout`, needsCommand(name), async () => {
        const base = `https://localhost:${ports[index]}`;
        await use(login, base);
        const context = await browser().newContext({ ignoreHTTPSErrors: true });
        const page = await context.newPage();
        await context.addCookies([{ name: "theme", value: "dark", url: base }]);

        await page.goto(`${base}/app/orders?page=2&sort=up`);
        await page.click("button[value=ada]");
        await page.waitForURL(`${base}/app/orders?page=2&sort=up`);
        assert.equal(await page.textContent("h1"), "Hello ada");
        assert.equal(await page.textContent("#groups"), "staff");
        assert.equal(await page.textContent("#cookie"), "theme=dark", "the application does not see the session");
        const other = await context.newPage();
        await other.goto(`${base}/app/`);
        const status = (): Promise<unknown> => other.evaluate("fetch('/app/x').then(({ status }) => status)");
        assert.equal(await status(), 200);

        await page.goto(`${base}/.sallyport/logout`);
        await page.click("button");
        await page.waitForURL(/\/session\/end/);
        await page.click("button[value=yes]");
        await page.waitForURL(`${base}/.sallyport/logged-out*`);
        assert.equal(await status(), 401, "a script is never led away");
        await page.goto(`${base}/app/`);
        assert.equal(await page.locator("button[value=ada]").count(), 1, "and a browser is, to the provider");
        await context.close();
      });
    }
  });
}
