import { existsSync, mkdirSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { unsealed } from "#test/support/secrets.ts";
import { startCaddyAuthority } from "./caddy-authority.ts";
import { visitUntil } from "./https-site.ts";

/**
 * Runs in a network namespace where ports 80 and 443 are free: Caddy as the authority, which comes to port 80, and
 * gateways behind a port mapping there, which can be held up. Prints what happened, as JSON. The one argument is a folder.
 */
const folder = process.argv[2] as string;
const caddy = await startCaddyAuthority(folder);

/** Connections of the authority wait here. */
let isHeld = true;
const held: Socket[] = [];
const mapping = createServer((socket) => {
  socket.on("error", () => {});
  if (isHeld) return void held.push(socket);
  const onward = connect(8080, "127.0.0.1");
  onward.on("error", () => socket.destroy());
  return void socket.pipe(onward).pipe(socket);
}).listen(80, "127.0.0.1");

const gateways: TestGateway[] = [];
async function begin(node: string, host: string, port: number, more: string = ""): Promise<TestGateway> {
  mkdirSync(join(folder, node), { recursive: true });
  const gateway = await startTestGateway({
    definition: `version: 1
edge:
  listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:${port - 363}" }
  acme:
    issuers: [{ directory: "${caddy.directory}", ca: ../${caddy.rootFile} }]
    challenges: [http-01]
    privateHosts: "*.corp.internal"
    ${more}
apis:
  hello: { hosts: ${host}, path: /, access: public, respond: { body: hello } }
`,
    folder: join(folder, node),
    args: ["--workers", "1"],
  });
  gateways.push(gateway);
  return gateway;
}

const happened: Record<string, unknown> = {};
try {
  const killed = await begin("killed", "a.corp.internal", 8443);
  const files = join(killed.data, "certificates", "names", "a.corp.internal");
  for (let left = 400; held.length === 0 && left > 0; left -= 1) await sleep(20);
  const begun = JSON.parse(await unsealed(killed.data, join(files, "order.json"))) as { keyPem: string };
  await killed.kill();
  happened["killed in time"] = !existsSync(join(files, "certificate.pem"));
  for (const socket of held) socket.destroy();
  isHeld = false;
  const next = await begin("killed", "a.corp.internal", 8443);
  await visitUntil(next, "a.corp.internal", caddy.root);
  const bundle = await unsealed(next.data, join(files, "certificate.pem"));
  happened["finished with the same key"] = bundle.startsWith(begun.keyPem.trim());
  await next.stop();

  const shared = `storage: ${join(folder, "shared")}`;
  const nodes = await Promise.all([
    begin("one", "b.corp.internal", 8443, shared),
    begin("two", "b.corp.internal", 9543, shared),
  ]);
  const serials = [];
  for (const gateway of nodes) {
    serials.push((await visitUntil(gateway, "b.corp.internal", caddy.root)).serialNumber);
  }
  happened["both serve one certificate"] = serials[0] === serials[1];
  const output = nodes.map((gateway) => gateway.output()).join("\n");
  happened["issued"] = output.match(/certificate issued.*"issuer":"ca\.corp/g)?.length;
} catch (error) {
  happened["error"] = String(error);
} finally {
  for (const gateway of gateways) await gateway.stop();
  await caddy.halt();
  mapping.close();
  process.stdout.write(`${JSON.stringify(happened)}\n`);
}
