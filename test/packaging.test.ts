import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { call } from "./support/client.ts";
import { cli, ready, runCli, spawnCli } from "./support/gateway.ts";
import { needsCommand, root } from "./support/require.ts";

const packaging = join(root, "packaging");

describe("what the gateway is installed with", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-packaging-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (command: string, ...args: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", cwd: folder });
    assert.equal(status, 0, `${stdout}${stderr}`);
    return stdout;
  };

  it("systemd understands the unit, and finds it hardened", needsCommand("systemd-analyze"), () => {
    const unit = readFileSync(join(packaging, "systemd", "sallyport.service"), "utf8");
    const file = join(folder, "sallyport.service");
    writeFileSync(file, unit.replaceAll("/usr/local/bin/sallyport", "/bin/true"));
    run("systemd-analyze", "verify", "--man=no", file);
    // Of 100, where 0 is a service that can do nothing: 18 when this was written.
    run("systemd-analyze", "security", "--offline=true", "--threshold=20", file);
  });

  for (const environment of ["dev", "prod"]) {
    it(
      `kustomize renders ${environment}: no root, a root file system that is read only`,
      needsCommand("kubectl"),
      async () => {
        const overlay = join(packaging, "kubernetes", "overlays", environment);
        const text = run("kubectl", "kustomize", overlay);
        const kinds = parseAllDocuments(text).map((document) => document.toJS() as Resource);
        const { spec } = kinds.find(({ kind }) => kind === "StatefulSet")!.spec!.template!;
        assert.equal(spec.securityContext.runAsNonRoot, true);
        const [container] = spec.containers;
        assert.deepEqual(container!.securityContext, {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          readOnlyRootFilesystem: true,
        });
        assert.ok(container!.args.includes(`--env=${environment}`));
        const { data } = kinds.find(({ kind }) => kind === "ConfigMap")!;
        const definition = join(folder, `${environment}.yaml`);
        writeFileSync(definition, data!["sallyport.yaml"]!);
        const checked = await runCli(["check", "--config", definition, "--env", environment]);
        assert.equal(checked.code, 0, checked.stdout + checked.stderr);
      },
    );
  }

  it("a new text of a config map is taken over without a restart", async () => {
    const mount = join(folder, "mount");
    const definition = (word: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  hello: { path: /hello, access: public, policies: { inbound: [base, { return-response: { status: 200, body: ${word} } }] } }
`;
    // As the kubelet does it: files are links into a folder of the time, and one link to that is replaced.
    const write = (time: string, word: string): void => {
      mkdirSync(join(mount, time), { recursive: true });
      writeFileSync(join(mount, time, "sallyport.yaml"), definition(word));
      symlinkSync(time, join(mount, "..data_tmp"));
      renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
    };
    write("..1", "one");
    symlinkSync(join("..data", "sallyport.yaml"), join(mount, "sallyport.yaml"));
    const data = join(folder, "data");
    const args = ["run", "--config", join(mount, "sallyport.yaml"), "--data", data, "--workers", "1"];
    const gateway = await ready(spawnCli(cli, args), join(folder, "data"), data);
    try {
      assert.equal((await call(gateway, "/hello")).text, "one");
      write("..2", "two");
      rmSync(join(mount, "..1"), { recursive: true });
      let text = "one";
      for (let tries = 0; tries < 200 && text === "one"; tries += 1) {
        await sleep(50);
        ({ text } = await call(gateway, "/hello"));
      }
      assert.equal(text, "two");
    } finally {
      await gateway.cleanUp();
    }
  });

  it("the container's build has all that it copies and needs, and its image does not run as root", () => {
    const dockerfile = readFileSync(join(packaging, "docker", "Dockerfile"), "utf8");
    const users = [...dockerfile.matchAll(/^USER (\d+):(\d+)$/gm)];
    assert.ok(Number(users.at(-1)?.[1]) > 0 && dockerfile.lastIndexOf("\nUSER ") > dockerfile.lastIndexOf("\nFROM "));
    const context = join(folder, "context");
    const kept = readFileSync(join(root, ".dockerignore"), "utf8").matchAll(/^!(.+)$/gm);
    for (const [, path] of kept) cpSync(join(root, path!), join(context, path!), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(context, "node_modules"));
    const step = /^RUN npm ci .*\n {2}&& node (\S+)/m.exec(dockerfile)?.[1];
    assert.ok(step !== undefined);
    const { status, stderr } = spawnSync(process.execPath, [step], { cwd: context, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    assert.ok(readdirSync(context).some((name) => name.endsWith(".tgz")));
  });
});

interface Resource {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: {
    readonly template?: {
      readonly spec: {
        readonly securityContext: { readonly runAsNonRoot: boolean };
        readonly containers: readonly { readonly args: readonly string[]; readonly securityContext: object }[];
      };
    };
  };
}
