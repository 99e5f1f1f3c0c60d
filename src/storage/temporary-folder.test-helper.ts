import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** A folder that goes when the tests of the calling file are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-store-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
