import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTestGateway } from "#test/support/gateway.ts";
import { startCaddyAuthority } from "./caddy-authority.ts";
import { visitUntil } from "./https-site.ts";

/**
 * Runs in a network namespace where ports 80 and 443 are free: Caddy as the authority, the gateway as its client.
 * Prints what visitors get, as JSON. The one argument is a folder.
 */
const folder = process.argv[2] as string;

const caddy = await startCaddyAuthority(folder);

function definition(host: string, challenge: string): string {
  return `version: 1
edge:
  listen: { https: "127.0.0.1:443", http: "127.0.0.1:80" }
  acme:
    issuers: [{ directory: "${caddy.directory}", ca: ${caddy.rootFile} }]
    challenges: [${challenge}]
    privateHosts: "*.corp.internal"
apis:
  hello: { hosts: ${host}, path: /, access: public, policies: { inbound: [{ return-response: { body: hello } }] } }
`;
}

const gateway = await startTestGateway({
  definition: definition("a.corp.internal", "http-01"),
  folder,
  args: ["--workers", "2"],
});
const seen: Record<string, string | undefined> = {};
try {
  seen["a.corp.internal"] = (await visitUntil(gateway, "a.corp.internal", caddy.root)).subjectAltName;
  writeFileSync(join(folder, "sallyport.yaml"), definition("b.corp.internal", "tls-alpn-01"));
  seen["b.corp.internal"] = (await visitUntil(gateway, "b.corp.internal", caddy.root)).subjectAltName;
} finally {
  await gateway.stop();
  await caddy.halt();
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}
