import { Buffer } from "node:buffer";
import { globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** Where something was found that must be nowhere. */
export interface Finding {
  readonly secret: string;
  readonly place: string;
  readonly form: string;
}

/** Every form of the secrets, in every place. Texts are latin1, so that bytes are found as they are. */
export function findSecrets(
  places: ReadonlyMap<string, string>,
  secrets: Readonly<Record<string, string | Uint8Array>>,
): readonly Finding[] {
  const forms = Object.entries(secrets).map(([secret, value]) => [secret, formsOf(Buffer.from(value))] as const);
  const found: Finding[] = [];
  for (const [place, text] of places) {
    // PEM and JSON break base64 into lines.
    const joined = text.replaceAll(/\\n|[\r\n]/g, "");
    for (const [secret, all] of forms) {
      for (const [form, looked] of all) {
        if (text.includes(looked) || joined.includes(looked)) found.push({ secret, place, form });
      }
    }
  }
  return found;
}

/** As it is, as hex, and as base64 wherever it stands in what was encoded. */
function formsOf(bytes: Buffer): readonly (readonly [string, string])[] {
  const encoded = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // The first and the last character may hold bits of the neighbours.
    const core = text.slice(Math.ceil((offset * 8) / 6), -1);
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")].map((one) => [`base64+${offset}`, one] as const);
  });
  return [["plain", bytes.toString("latin1")], ["hex", bytes.toString("hex")], ...encoded];
}

/** All files below a folder; archives as what is in them. */
export function filesIn(folder: string, name: string): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  for (const file of globSync("**/{*,.*}", { cwd: folder })) {
    const path = join(folder, file);
    if (!statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    places.set(`${name}/${file}`, (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1"));
  }
  return places;
}

/** Command lines and environments of the processes below one; of itself the command line only. */
export function processesOf(pid: number): ReadonlyMap<string, string> {
  const read = (file: string): string => {
    try {
      return readFileSync(file, "latin1");
    } catch {
      // It has ended since.
      return "";
    }
  };
  const places = new Map([[`command line of ${pid}`, read(`/proc/${pid}/cmdline`)]]);
  for (const child of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = /^\d+ \(.*\) \S (\d+) /s.exec(read(`/proc/${child}/stat`))?.[1];
    if (parent !== String(pid)) continue;
    places.set(`command line of child ${child}`, read(`/proc/${child}/cmdline`));
    places.set(`environment of child ${child}`, read(`/proc/${child}/environ`));
  }
  return places;
}
