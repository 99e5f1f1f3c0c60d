import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { WorkbenchContext } from "#app/workbench/context.ts";
import { parseRequest } from "#app/workbench/http-file.ts";
import { runDocument, type WorkbenchRun } from "#app/workbench/run.ts";
import { formatDiagnostics } from "#config/format.ts";
import { testing } from "#policy/policy.test-helper.ts";

const folder = join(import.meta.dirname, "policies");
const dashes = "\n----------\n";
const between = "\n==========\n";

/** What every message carries, and no policy has put there. */
const ofTheGateway = /^(?:x-request-id|via|x-forwarded-.*|host: (?:gateway|backend)\.example$)/i;

function fields(raw: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) lines.push(`${raw[at]}: ${raw[at + 1]}`.trimEnd());
  return lines.filter((line) => !ofTheGateway.test(line));
}

function message(first: string, headers: readonly string[], body: Uint8Array | null): readonly string[] {
  const text = body === null ? "" : Buffer.from(body).toString("utf8");
  return [first.trimEnd(), ...fields(headers), ...(text === "" ? [] : ["", text])];
}

function printed({ sent, response }: WorkbenchRun): string {
  const lines = sent.flatMap(({ method, url, headers, body, certificate }) => {
    const shown = certificate === null ? "" : ` with the certificate ${certificate}`;
    return message(`> ${method} ${url}${shown}`, headers, body);
  });
  if (response === null) return [...lines, "< broken off"].join("\n");
  return [...lines, ...message(`< ${response.status} ${response.reason}`, response.headers, response.body)].join("\n");
}

/**
 * Each file: cases of one policy, or of one part of C#. A case: what it is about, a document, a line of dashes, a
 * request, dashes, the context as JSON or nothing, dashes, what goes to services (`>`) and to the client (`<`).
 * `UPDATE_GOLDEN=1` writes what happens now.
 */
for (const name of readdirSync(folder).filter((file) => file.endsWith(".txt"))) {
  describe(`golden policies: ${name}`, () => {
    const cases = readFileSync(join(folder, name), "utf8").replace(/\n$/, "").split(between);
    for (const [index, text] of cases.entries()) {
      const [input = "", request = "", context = "", expected] = text.split(dashes);
      const title = input.slice(0, input.indexOf("\n"));
      it(title, async () => {
        const document = { path: "policy.xml", text: input.slice(title.length + 1), fragments: {} };
        const given = (context.trim() === "" ? {} : JSON.parse(context)) as WorkbenchContext;
        const { run, diagnostics } = await runDocument(document, parseRequest(request), given, testing.transforms);
        const happened = run === null ? formatDiagnostics(diagnostics, { color: false }).trimEnd() : printed(run);
        if (process.env["UPDATE_GOLDEN"] === "1") {
          cases[index] = [input, request, context, happened].join(dashes);
          writeFileSync(join(folder, name), `${cases.join(between)}\n`);
        } else assert.equal(happened, expected);
      });
    }
  });
}
