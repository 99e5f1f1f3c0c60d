import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { root } from "./support/require.ts";

/** Each is a way around the room rules that a tired person would try. */
const violations: readonly { readonly room: string; readonly code: string }[] = [
  { room: "policy", code: 'import { x } from "#edge/edge.ts";\nexport const y: unknown = x;\n' },
  { room: "upstream", code: 'export { x } from "#identity/authenticate.ts";\n' },
  { room: "edge", code: 'export const late = (): Promise<unknown> => import("#pipeline/flow.ts");\n' },
  { room: "identity", code: 'import { x } from "../policy/link.ts";\nexport const y: unknown = x;\n' },
  { room: "model", code: 'import type { X } from "#lib/uuid7.ts";\nexport type Y = X;\n' },
  { room: "compile", code: 'import { x } from "#config/load.ts";\nexport const y: unknown = x;\n' },
  { room: "admin", code: 'import { x } from "#pipeline/flow.ts";\nexport const y: unknown = x;\n' },
  { room: "config", code: 'import { x } from "#admin/table.ts";\nexport const y: unknown = x;\n' },
  { room: "site", code: 'import { x } from "#pipeline/flow.ts";\nexport const y: unknown = x;\n' },
  { room: "products", code: 'import { x } from "#site/site.ts";\nexport const y: unknown = x;\n' },
  { room: "analytics", code: 'import { x } from "#products/keys.ts";\nexport const y: unknown = x;\n' },
  { room: "upstream", code: 'import { x } from "#analytics/sketch.ts";\nexport const y: unknown = x;\n' },
  { room: "telemetry", code: 'import { x } from "#upstream/egress.ts";\nexport const y: unknown = x;\n' },
  { room: "shadow", code: 'import { x } from "#upstream/egress.ts";\nexport const y: unknown = x;\n' },
  { room: "policy", code: 'import { x } from "#shadow/difference.ts";\nexport const y: unknown = x;\n' },
  { room: "app", code: 'import { x } from "#demo/people.ts";\nexport const y: unknown = x;\n' },
];

describe("room rules", () => {
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-rooms-"));
    cpSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function lint(room: string, code: string): { readonly status: number | null; readonly output: string } {
    const file = join(folder, "src", room, "planted.ts");
    mkdirSync(join(folder, "src", room), { recursive: true });
    writeFileSync(file, code);
    const oxlint = join(root, "node_modules", "oxlint", "bin", "oxlint");
    const result = spawnSync(process.execPath, [oxlint, "--deny-warnings", `src/${room}`], {
      cwd: folder,
      encoding: "utf8",
    });
    rmSync(file);
    return { status: result.status, output: result.stdout + result.stderr };
  }

  for (const { room, code } of violations) {
    it(`refuses in ${room}: ${code.split("\n")[0]}`, () => {
      const { status, output } = lint(room, code);
      assert.equal(status, 1, output);
      assert.match(output, /no-restricted-imports/);
    });
  }

  it("lets an allowed import pass", () => {
    const { status, output } = lint("policy", 'import { x } from "#model/permit.ts";\nexport const y: unknown = x;\n');
    assert.equal(status, 0, output);
  });

  it("has a rule for every room", () => {
    for (const room of readdirSync(join(root, "src"))) {
      const { status } = lint(room, 'import { x } from "#demo/people.ts";\nexport const y: unknown = x;\n');
      assert.equal(status, 1, `src/${room} has no rule in .oxlintrc.json`);
    }
  });
});
