import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { call } from "#test/support/client.ts";
import { cli, ready } from "#test/support/gateway.ts";
import { everything } from "#test/support/require.ts";

const nobodysUid = 65532;
const isRoot = process.getuid?.() === 0;

it(
  "runs under a user id without an account, as containers are given one",
  isRoot || everything ? {} : { skip: "only root can take on another user id" },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-no-account-"));
    const data = join(folder, "data");
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(
      join(folder, "sallyport.yaml"),
      `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  hello: { path: /hello, access: public, policies: { inbound: [base, { return-response: { status: 200, body: hello } }] } }
`,
    );
    for (const path of [folder, data]) chownSync(path, nobodysUid, nobodysUid);
    const child = spawn(process.execPath, [cli, "run", "--config", join(folder, "sallyport.yaml"), "--data", data], {
      uid: nobodysUid,
      gid: nobodysUid,
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], XDG_CONFIG_HOME: join(folder, "config") },
      cwd: folder,
    });
    const gateway = await ready(child, folder, data);
    try {
      assert.equal((await call(gateway, "/hello")).text, "hello");
      assert.equal(await gateway.stop(), 0);
    } finally {
      await gateway.cleanUp();
    }
  },
);
