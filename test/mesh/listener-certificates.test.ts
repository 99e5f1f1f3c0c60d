import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { freePorts } from "#test/support/free-port.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";

interface Wanted {
  /** `clientCertificates` of the listener of the mesh, and of all others. */
  readonly mesh?: string;
  readonly edge?: string;
}

/** Two HTTPS listeners of one gateway: one for everybody, one for a mesh. */
describe("client certificates of one listener", needsCommand("openssl"), () => {
  let folder: string;
  let gateway: TestGateway;
  let open: number;
  let mesh: number;

  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const authority = (name: string): void =>
    openssl("req", "-x509", ...key, "-keyout", `${name}.key`, "-out", `${name}.crt`, "-subj", `/CN=${name}`);
  const client = (name: string, issuer: string): void => {
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const signed = ["-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`, "-CAcreateserial"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.crt`);
  };

  const definition = ({ mesh: own = "{ mode: require, ca: [mesh.crt] }", edge = "" }: Wanted): string => `version: 1
edge:
  https: internal${edge === "" ? "" : `\n  clientCertificates: ${edge}`}
  listen:
    https:
      - 127.0.0.1:${open}
      - { address: "127.0.0.1:${mesh}"${own === "" ? "" : `, clientCertificates: ${own}`} }
    http: 127.0.0.1:0
apis:
  hello: { path: /, access: public, respond: { status: 200, body: "\${principal.certificate.subject}" } }
  strict: { path: /strict, clientCertificate: require, access: public, respond: { status: 200, body: strict } }
`;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-listener-"));
    for (const name of ["mesh", "partners"]) authority(name);
    client("service", "mesh");
    client("partner", "partners");
    [open, mesh] = (await freePorts(2)) as [number, number];
    const files = {
      "mesh.crt": readFileSync(file("mesh.crt"), "utf8"),
      "partners.crt": readFileSync(file("partners.crt"), "utf8"),
    };
    gateway = await startTestGateway({ definition: definition({}), files, args: ["--workers", "2"] });
  });
  after(async () => {
    await gateway.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  const pair = (name?: string): object =>
    name === undefined ? {} : { cert: readFileSync(file(`${name}.crt`)), key: readFileSync(file(`${name}.key`)) };

  /** Status, and the reason of a refusal or the subject that was believed. */
  function ask(port: number, name?: string, path: string = "/", agent?: Agent): Promise<string> {
    return new Promise((resolve, reject) => {
      const own = { host: "localhost", port, path, ca: gateway.ca, ...pair(name) };
      const sent = request({ ...own, agent: agent ?? new Agent(own) }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          const reason = response.statusCode === 200 ? text : String((JSON.parse(text) as { reason: string }).reason);
          resolve(`${response.statusCode} ${reason}`.trim());
        });
      });
      sent.on("error", reject).end();
    });
  }

  /** Whether the server has asked for a certificate in the handshake. */
  async function isAsked(port: number): Promise<boolean> {
    const text = execFileSync("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost"], {
      input: "",
      stdio: ["pipe", "pipe", "ignore"],
    }).toString();
    return !text.includes("No client certificate CA names sent") || text.includes("Requested Signature Algorithms");
  }

  async function reload(wanted: Wanted): Promise<void> {
    const count = gateway.output().split('"reloaded"').length;
    writeFileSync(join(gateway.folder, "sallyport.yaml"), definition(wanted));
    for (let tries = 0; gateway.output().split('"reloaded"').length === count; tries += 1) {
      assert.ok(tries < 500, gateway.output());
      await sleep(10);
    }
  }

  it("are required there, of its own authorities, and asked nowhere else", async () => {
    assert.equal(await ask(mesh), "403 certificate-required");
    assert.equal(await ask(mesh, "partner"), "403 certificate-not-trusted");
    assert.equal(await ask(mesh, "service"), "200 CN=service");
    assert.equal(await ask(open), "200");
    assert.equal(await ask(open, "service"), "200");
    assert.equal(await ask(open, "service", "/strict"), "403 certificate-required");
    assert.equal(await ask(mesh, "service", "/strict"), "200 strict");
    assert.deepEqual([await isAsked(open), await isAsked(mesh)], [false, true]);
  });

  it("a session of the other listener is not resumed there without one", async () => {
    const session = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect({ port: open, host: "127.0.0.1", servername: "localhost", ca: gateway.ca });
      socket.on("error", reject);
      socket.once("session", (bytes: Buffer) => {
        resolve(bytes);
        socket.destroy();
      });
    });
    const socket = connect({ port: mesh, host: "127.0.0.1", servername: "localhost", ca: gateway.ca, session });
    await new Promise((resolve) => socket.once("secureConnect", resolve));
    assert.equal(socket.isSessionReused(), false);
    socket.destroy();
  });

  it("change with a reload, also for connections that are open", async () => {
    const own = { ca: gateway.ca, ...pair("service"), keepAlive: true, maxSockets: 1 };
    const kept = new Agent({ ...own });
    const without = new Agent({ ca: gateway.ca, keepAlive: true, maxSockets: 1 });
    assert.equal(await ask(mesh, "service", "/", kept), "200 CN=service");

    await reload({ mesh: "{ mode: require, ca: [partners.crt] }" });
    assert.equal(await ask(mesh, "service", "/", kept), "403 certificate-not-trusted");
    assert.equal(await ask(mesh, "partner"), "200 CN=partner");

    await reload({ mesh: "{ mode: request, ca: [mesh.crt] }" });
    assert.equal(await ask(mesh, undefined, "/", without), "200");
    assert.equal(await ask(mesh, "service"), "200 CN=service");

    await reload({});
    assert.equal(await ask(mesh, undefined, "/", without), "403 certificate-required");

    await reload({ mesh: "{ mode: none }", edge: "{ mode: require, ca: [partners.crt] }" });
    assert.equal(await ask(mesh), "200");
    assert.equal(await ask(open), "403 certificate-required");
    assert.equal(await ask(open, "partner"), "200 CN=partner");
    assert.deepEqual([await isAsked(open), await isAsked(mesh)], [true, false]);

    await reload({ mesh: "", edge: "{ mode: require, ca: [partners.crt] }" });
    assert.equal(await ask(mesh), "403 certificate-required");
    assert.equal(await ask(mesh, "partner"), "200 CN=partner");
    kept.destroy();
    without.destroy();
    await reload({});
    assert.deepEqual([await ask(open), await ask(mesh, "service")], ["200", "200 CN=service"]);
  });

  it("stay in force while a listener that the definition has no more still listens", async () => {
    const text = definition({})
      .replace(/ {6}- \{ address.*\n/, "")
      .replace(/  strict:.*\n/, "");
    const count = gateway.output().split('"reloaded"').length;
    writeFileSync(join(gateway.folder, "sallyport.yaml"), text);
    while (gateway.output().split('"reloaded"').length === count) await sleep(10);
    assert.match(gateway.output(), /edge https/);
    assert.equal(await ask(mesh), "403 certificate-required");
    assert.equal(await ask(mesh, "service"), "200 CN=service");
    assert.equal(await ask(open), "200");
    await reload({});
  });

  it("must say whom they believe, and of which port they are", async () => {
    const check = async (own: string): Promise<string> => {
      const broken = join(folder, "broken.yaml");
      writeFileSync(broken, definition({ mesh: own }));
      return (await runCli(["check", "--config", broken])).stderr;
    };
    assert.match(await check("{ mode: require }"), /key-missing[^]*trusts no authority/);
    assert.match(await check("{ mode: none, internalCa: true }"), /value-invalid[^]*asks nobody/);
    assert.match(await check("{ mode: some, ca: [mesh.crt] }"), /one of none, request, require/);
    const broken = join(folder, "broken.yaml");
    writeFileSync(broken, definition({}).replace(`"127.0.0.1:${mesh}"`, "127.0.0.1:0"));
    assert.match((await runCli(["check", "--config", broken])).stderr, /value-invalid[^]*any port/);
  });
});
