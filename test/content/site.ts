import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";

/** A folder of files with known times: what the gateway, Caddy and nginx serve in the tests. */
export interface TestSite {
  readonly folder: string;
  readonly root: string;
  write(name: string, content: string | Uint8Array): string;
  remove(): void;
}

/** Of every file: 2024-05-06 07:08:09 UTC. */
export const writtenAt = 1_714_979_289;
export const lastModified = "Mon, 06 May 2024 07:08:09 GMT";

export const script: string = `${"console.log('one line of many');\n".repeat(200)}`;
export const big: Uint8Array = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 0xff);

export function makeSite(): TestSite {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-site-"));
  const root = join(folder, "public");
  const write = (name: string, content: string | Uint8Array): string => {
    const file = join(root, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, writtenAt, writtenAt);
    return file;
  };
  write("index.html", "<h1>home</h1>\n");
  write("docs/index.html", "<h1>docs</h1>\n");
  write("bare/a.txt", "a folder without an index\n");
  write("hello.txt", "abcdefghijklmnopqrstuvwxyz");
  write("with space & é.txt", "odd name\n");
  write("page.html", "<h1>page</h1>\n");
  write("404.html", "<h1>nothing here</h1>\n");
  write("empty.txt", "");
  write("data.json", "{}\n");
  write("image.svg", "<svg/>\n");
  write("unknown.xyzzy", "who knows\n");
  write("big.bin", big);
  write("app.js", script);
  write("app.js.gz", gzipSync(script));
  write("app.js.br", brotliCompressSync(script));
  write("app.js.zst", zstdCompressSync(script));
  write("plain.css", "a{}\n");
  write("plain.css.gz", gzipSync("a{}\n"));
  write(".env", "SECRET=1\n");
  write(".git/config", "[core]\n");
  write(".well-known/security.txt", "Contact: x\n");
  write("backup.bak", "old\n");
  writeFileSync(join(folder, "outside.txt"), "outside\n");
  symlinkSync(join(root, "hello.txt"), join(root, "inner-link.txt"));
  symlinkSync(join(folder, "outside.txt"), join(root, "outer-link.txt"));
  symlinkSync(folder, join(root, "outer-folder"));
  return { folder, root, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
