import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePorts } from "#test/support/free-port.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";

const run = promisify(execFile);

/** A port mapping as containers have it: what is known outside leads to another port. */
async function mapPort(outside: number, inside: number): Promise<Server> {
  const server = createServer((socket) => {
    const onward = connect(inside, "127.0.0.1");
    for (const end of [socket, onward]) end.on("error", () => end.destroy());
    socket.pipe(onward).pipe(socket);
  }).listen(outside, "127.0.0.1");
  await once(server, "listening");
  return server;
}

describe("behind a port mapping", needsCommand("openssl"), () => {
  let gateway: TestGateway;
  let outside: readonly [https: number, http: number];
  const mappings: Server[] = [];

  const definition = (httpsPort: number, httpPort: number, advertised: string): string => `version: 1
edge:
  https: internal
  listen: { https: "127.0.0.1:${httpsPort}", http: "127.0.0.1:${httpPort}", ${advertised} }
apis:
  hello: { hosts: [localhost], path: /, access: public, respond: { body: "hello" } }
`;
  const curl = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run("curl", [
      "-sS",
      "--max-time",
      "5",
      "--cacert",
      join(gateway.data, "ca", "root.crt"),
      ...args,
    ]);
    return stdout;
  };
  const issue = async (name: string): Promise<string> => {
    const out = join(gateway.folder, name);
    const { code, stderr } = await runCli(["ca", "issue", "--dns", name, "--out", out, "--data", gateway.data]);
    assert.equal(code, 0, stderr);
    return `${out}.crt`;
  };
  const placeIn = async (file: string): Promise<string> => {
    const { stdout } = await run("openssl", ["x509", "-in", file, "-noout", "-ext", "crlDistributionPoints"]);
    return new URL(/URI:(\S+)/.exec(stdout)?.[1] ?? stdout).host;
  };
  let inside: readonly [https: number, http: number];

  before(async () => {
    const [https, http, innerHttps, innerHttp] = (await freePorts(4)) as [number, number, number, number];
    outside = [https, http];
    inside = [innerHttps, innerHttp];
    gateway = await startTestGateway({
      definition: definition(...inside, `advertised: { https: ${https}, http: ${http} }`),
    });
    mappings.push(await mapPort(https, innerHttps), await mapPort(http, innerHttp));
  });
  after(async () => {
    for (const mapping of mappings) mapping.close();
    await gateway?.cleanUp();
  });

  it("plain HTTP is redirected to where HTTPS is reached", async () => {
    const [https, http] = outside;
    const ask = ["-L", "-w", "\n%{url_effective}", `http://localhost:${http}/a`];
    assert.equal(await curl(...ask), `hello\nhttps://localhost:${https}/a`);
  });

  it("OpenSSL fetches the revocation list from where the certificate says, through the mapping", async () => {
    const file = await issue("workload.test");
    assert.equal(await placeIn(file), `localhost:${outside[1]}`);
    const trust = ["-CAfile", join(gateway.data, "ca", "root.crt"), "-untrusted", file];
    const { stdout } = await run("openssl", ["verify", "-crl_download", "-crl_check", ...trust, file]);
    assert.match(stdout, /workload\.test\.crt: OK/);
  });

  it("a reload changes both at once", async () => {
    writeFileSync(
      join(gateway.folder, "sallyport.yaml"),
      definition(...inside, "advertised: { https: 443, http: 80 }"),
    );
    let location = "";
    for (let tries = 0; !location.startsWith("https://localhost/") && tries < 100; tries += 1) {
      location = await curl("-o", "/dev/null", "-w", "%{redirect_url}", `http://localhost:${outside[1]}/a`);
      await sleep(50);
    }
    assert.equal(location, "https://localhost/a");
    assert.equal(await placeIn(await issue("later.test")), "localhost");
  });
});
