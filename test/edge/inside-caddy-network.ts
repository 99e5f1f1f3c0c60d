import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestGateway } from "#test/support/gateway.ts";
import { visitUntil } from "./https-site.ts";

/**
 * Runs in a network namespace where ports 80 and 443 are free: Caddy as the authority, the gateway as its client.
 * Prints what visitors get, as JSON. The one argument is a folder.
 */
const folder = process.argv[2] as string;

writeFileSync(
  join(folder, "Caddyfile"),
  `{
	admin off
	skip_install_trust
	storage file_system ${folder}/caddy
	http_port 9080
	https_port 9443
	auto_https disable_redirects
}
https://ca.corp.internal:9443 {
	tls internal
	acme_server
}
`,
);

function definition(host: string, challenge: string): string {
  return `version: 1
edge:
  listen: { https: "127.0.0.1:443", http: "127.0.0.1:80" }
  acme:
    issuers: [{ directory: "https://ca.corp.internal:9443/acme/local/directory", ca: caddy/pki/authorities/local/root.crt }]
    challenges: [${challenge}]
    privateHosts: "*.corp.internal"
apis:
  hello: { hosts: ${host}, path: /, access: public, policies: { inbound: [{ return-response: { body: hello } }] } }
`;
}

const caddy = spawn("caddy", ["run", "--config", join(folder, "Caddyfile"), "--adapter", "caddyfile"], {
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, HOME: folder },
});
const rootFile = join(folder, "caddy", "pki", "authorities", "local", "root.crt");
for (let left = 400; !existsSync(rootFile) && left > 0; left -= 1) await sleep(50);
const issuing = readFileSync(rootFile, "utf8");
const gateway = await startTestGateway({
  definition: definition("a.corp.internal", "http-01"),
  folder,
  args: ["--workers", "2"],
});
const seen: Record<string, string | undefined> = {};
try {
  seen["a.corp.internal"] = (await visitUntil(gateway, "a.corp.internal", issuing)).subjectAltName;
  writeFileSync(join(folder, "sallyport.yaml"), definition("b.corp.internal", "tls-alpn-01"));
  seen["b.corp.internal"] = (await visitUntil(gateway, "b.corp.internal", issuing)).subjectAltName;
} finally {
  await gateway.stop();
  caddy.kill("SIGKILL");
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}
