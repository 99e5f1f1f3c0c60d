import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Command } from "commander";
import { parseDocument } from "yaml";
import { verifyProblems } from "#audit/read/judge-line.ts";
import { createProgram } from "#cli/program.ts";
import { promotionCodes } from "#compile/promotion/codes.ts";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { loadDefinition, type LoadOptions, type LoadResult } from "#config/load.ts";
import { renderDefinition } from "#config/render/render.ts";
import { exportKey, makeAuthority } from "#edge/x509.ts";
import { createDemoProgram } from "#demo/program.ts";
import { balancePolicies } from "#model/balancing.ts";
import { connectionEnds } from "#model/connection-ends.ts";
import { reasons } from "#model/reasons.ts";
import { checkDocuments } from "#interop/apim/check-documents.ts";
import { checkCsharp } from "#notation/csharp/check.ts";
import { importCodes } from "#interop/caddyfile/report/codes.ts";
import { makePasswordHash } from "#lib/password-hash/make.ts";
import { diagnosticCodes } from "#notation/codes.ts";
import { root } from "#test/support/require.ts";

/** The documentation is part of the product: what it shows must load, run and exist. */
interface Page {
  readonly path: string;
  readonly text: string;
}

interface Fence {
  readonly language: string;
  readonly text: string;
  readonly line: number;
}

const pages: readonly Page[] = ["README.md", "CONTRIBUTING.md", "docs"].flatMap(markdownFiles).map((path) => ({
  path,
  text: readFileSync(join(root, path), "utf8"),
}));

function markdownFiles(path: string): readonly string[] {
  if (path.endsWith(".md")) return [path];
  const entries = readdirSync(join(root, path), { recursive: true, encoding: "utf8" });
  return entries.filter((name) => name.endsWith(".md")).map((name) => join(path, name));
}

/** Fenced blocks, also those inside list items; their indentation is taken off. */
function fencesOf(text: string): readonly Fence[] {
  const fences: Fence[] = [];
  const pattern = /^([ \t]*)```([^\n`]*)\n([\s\S]*?)^\1```[ \t]*$/gm;
  for (const [whole, indent = "", language = "", body = ""] of text.matchAll(pattern)) {
    const line = text.slice(0, text.indexOf(whole)).split("\n").length;
    const lines = body.split("\n").map((one) => (one.startsWith(indent) ? one.slice(indent.length) : one));
    fences.push({ language: language.trim(), text: lines.join("\n"), line });
  }
  return fences;
}

function withoutFences(text: string): string {
  return text.replaceAll(/^([ \t]*)```[\s\S]*?^\1```[ \t]*$/gm, "");
}

const openApi = `openapi: 3.1.0
info: { title: Orders, version: 1.0.0 }
paths:
  /: { get: { operationId: listOrders, responses: {} } }
  /{id}:
    get: { operationId: getOrder, responses: {} }
    delete: { operationId: deleteOrder, responses: {} }
`;

const ownCertificate = await makeAuthority(
  "examples",
  { notBefore: Date.now(), notAfter: Date.now() + 86_400_000 },
  null,
  { bytes: (count) => randomBytes(count) },
);

const passwordHash = makePasswordHash("secret", "argon2id", 0, randomBytes(16));

/** For an example, with every secret and file that it names; keys differ, as they must. */
function optionsFor(folder: string, text: string, environment?: string): LoadOptions {
  const file = join(folder, "sallyport.yaml");
  writeFileSync(file, text);
  let keys = 0;
  const variables = new Proxy<Record<string, string>>(
    {},
    {
      getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }),
      get: (_, name) => {
        if (/STORAGE_KEY/.test(String(name))) return randomBytes(32).toString("base64");
        if (String(name).endsWith("_HASH")) return passwordHash;
        if (/INSIGHTS/.test(String(name))) return `InstrumentationKey=${randomUUID()}`;
        return `a-much-longer-key-for-all-examples-${(keys += 1)}`;
      },
    },
  );
  const readFile = async (path: string): Promise<Uint8Array> => {
    if (path === file) return readFileSync(path);
    if (!/\.\w+$/.test(path) && /public|site|www|app/.test(path)) {
      throw Object.assign(new Error("a folder"), { code: "EISDIR" });
    }
    if (/\.(pem|crt)$/.test(path)) return Buffer.from(ownCertificate.certificate.toString("pem"));
    if (/tls\/[a-z-]+\.key$/.test(path)) return Buffer.from(await exportKey(ownCertificate.keys));
    if (path.endsWith(".xml")) return Buffer.from(path.includes("fragment") ? "<fragment />" : "<policies />");
    if (path.endsWith(".xsd")) return Buffer.from('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>');
    if (path.endsWith(".wsdl"))
      return Buffer.from(
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/></types></definitions>',
      );
    if (path.endsWith(".graphql")) return Buffer.from("type Query { a: Int }");
    return Buffer.from(/openapi/.test(path) ? openApi : `a-key-in-a-file-${relative(folder, path)}`);
  };
  const vault = { read: async () => ({ value: randomBytes(24).toString("hex"), staleBecause: null }) };
  return { file, variables, readFile, vault, ...(environment === undefined ? {} : { environment }) };
}

function load(folder: string, text: string, environment?: string): Promise<LoadResult> {
  return loadDefinition(optionsFor(folder, text, environment));
}

function environmentsOf(text: string): readonly (string | undefined)[] {
  const { environments } = (parseDocument(text).toJS() ?? {}) as { environments?: Record<string, unknown> };
  return environments === undefined ? [undefined] : Object.keys(environments);
}

function errorsOf({ diagnostics }: LoadResult): readonly string[] {
  return diagnostics.map(({ severity, code, message, at }) => `${at.line}: ${severity} ${code} ${message}`);
}

describe("examples in the documentation", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "sallyport-docs-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { path, text } of pages) {
    for (const fence of fencesOf(text)) {
      const place = `${path}:${fence.line}`;
      if (fence.language === "yaml" && /^version:/m.test(fence.text)) {
        it(`the definition at ${place} loads in each of its environments, without a warning`, async () => {
          for (const environment of environmentsOf(fence.text)) {
            const result = await load(folder, fence.text, environment);
            assert.deepEqual(errorsOf(result), [], `environment ${environment}`);
            // Without its secrets it is the same definition, and so is what is rendered.
            const options = optionsFor(folder, fence.text, environment);
            const rendered = await renderDefinition(options, options.file);
            assert.equal(rendered.kind, "rendered", JSON.stringify(rendered));
          }
        });
      } else if (fence.language === "yaml policy") {
        it(`the policy at ${place} is one`, async () => {
          assert.deepEqual(await policyErrors(folder, fence.text), []);
        });
      } else if (fence.language === "xml") {
        it(`the policy document at ${place} is one`, () => {
          const documents = [{ path: place, text: fence.text, scope: "api" } as const];
          assert.deepEqual(checkDocuments(documents, {}, checkCsharp).problems, []);
        });
      } else if (fence.language === "json") {
        it(`the JSON at ${place} parses`, () => void JSON.parse(fence.text));
      } else if (/^ya?ml/.test(fence.language)) {
        it(`the YAML at ${place} is a whole definition or a policy, so that it can be checked`, () => assert.fail());
      }
    }
  }
});

/** A policy stands in the first section and scope that takes it: the reader itself says which. */
async function policyErrors(folder: string, text: string): Promise<readonly string[]> {
  const policy = text.trimEnd().split("\n");
  const item = (indent: string): string =>
    policy.map((line, index) => `${indent}${index === 0 ? "- " : "  "}${line}`).join("\n");
  const values = [...text.matchAll(/\{\{([\w-]+)\}\}/g)].map(([, name = ""]) => `${name}: { env: A_VALUE }`);
  const tries = ["inbound", "backend", "outbound"].flatMap((section) => [
    `apis: { orders: { path: /orders, backend: orders, access: public, openapi: ./openapi.yaml } }
products:
  starter:
    apis: [orders]
    policies:
      ${section}:
${item("        ")}`,
    `apis:
  orders:
    path: /orders
    backend: orders
    access: public
    policies:
      ${section}:
${item("        ")}`,
    // For all APIs.
    `apis: { orders: { path: /orders, backend: orders, access: public } }
policies:
  ${section}:
${item("    ")}`,
    // Part of a call.
    `apis:
  orders:
    path: /orders
    backend: orders
    access: public
    policies:
      ${section}:
        - send-request:
            responseVariable: it
            policies:
${item("              ")}`,
  ]);
  let errors: readonly string[] = [];
  for (const part of tries) {
    const definition = `version: 1
identity: { providers: { corp: { issuer: "https://login.example.com/", audiences: [x] } }, basic: { staff: { users: { ann: { hash: { env: ANN_HASH } } } } } }
fragments: { add-headers: [] }
environments: { test: { values: { ${values.join(", ")} } } }
loggers: { audit: { url: "http://127.0.0.1:3" } }
certificates: { orders-client: { certificate: ./tls/orders-client.pem, key: { file: ./tls/orders-client.key } } }
dapr: {}
serviceBus: { orders.servicebus.windows.net: {} }
connections: { github: { team: { tokenUrl: "https://login.example.com/token", clientId: x, clientSecret: { env: SECRET } } } }
backends: { orders: { url: "http://127.0.0.1:1" }, orders-eu: { url: "http://127.0.0.1:2" } }
endings: { pages: { files: ./site } }
${part}
`;
    errors = errorsOf(await load(folder, definition, "test"));
    if (!errors.some((error) => error.includes("policy-misplaced"))) return errors;
  }
  return errors;
}

describe("commands in the documentation", () => {
  for (const { path, text } of pages) {
    const commands = [...text.matchAll(/npx sallyport((?: +[^`\n|)#]+)?)/g)].map(([, rest = ""]) => rest.trim());
    for (const command of new Set(commands)) {
      it(`${path}: sallyport ${command}`, () => checkCommand(command));
    }
    for (const [, rest = ""] of text.matchAll(/npm start -- +([^`\n|)#;]+)/g)) {
      const own = /--config|-c\b/.test(rest);
      it(`${path}: npm start -- ${rest}`, () => checkCommand(`${own ? "run" : "demo run"} ${rest}`));
    }
    for (const [, script = ""] of text.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)) {
      it(`${path}: npm run ${script}`, () => assert.ok(Object.hasOwn(scripts(), script)));
    }
  }
});

const program = await createProgram();

function scripts(): Readonly<Record<string, string>> {
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> }).scripts;
}

/** The command and each of its options exist, and options have a value where they take one. Nothing is run. */
function checkCommand(line: string): void {
  const words = (line.split(/ > /)[0] ?? "").match(/<[^>]*>|'[^']*'|"[^"]*"|…|[^\s"']+/g) ?? [];
  let command: Command = program;
  if (words[0] === "demo") {
    words.shift();
    command = createDemoProgram();
  }
  while (words.length > 0) {
    const child = command.commands.find((one) => one.name() === words[0]);
    if (child === undefined) break;
    command = child;
    words.shift();
  }
  const positional: string[] = [];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "…") continue;
    if (word === "-" || !word.startsWith("-")) positional.push(word);
    else if (word !== "--help") takeOption(command, word, words);
  }
  const named = positional.filter((word) => word !== "");
  assert.ok(named.length <= command.registeredArguments.length, `${command.name()} takes no ${named.join(" ")}`);
}

function takeOption(command: Command, word: string, words: string[]): void {
  const option = command.options.find(({ long, short }) => long === word || short === word);
  assert.ok(option !== undefined, `${command.name()} has no option ${word}`);
  if (!option.required) return;
  const value = words.shift();
  assert.ok(value !== undefined && !value.startsWith("-"), `${word} takes a value`);
}

describe("links in the documentation", () => {
  for (const { path, text } of pages) {
    const links = [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    for (const target of new Set(links.filter((one) => !/^[a-z]+:/.test(one)))) {
      it(`${path} → ${target}`, () => {
        const [file = "", anchor] = target.split("#");
        const found = file === "" ? join(root, path) : join(root, dirname(path), file);
        assert.ok(existsSync(found), `${relative(root, found)} does not exist`);
        if (anchor !== undefined)
          assert.ok(anchorsOf(readFileSync(found, "utf8")).has(anchor), `no heading #${anchor}`);
      });
    }
  }
});

/** As GitHub makes them of headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...withoutFences(text).matchAll(/^#+ +(.+)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

describe("codes in the documentation", () => {
  const known = new Set([...Object.keys(reasons), ...Object.keys(diagnosticCodes)]);
  /** Words in code marks that look like a code of ours, by the word they begin with. */
  const families = new Set([...known].map((code) => code.split("-")[0]));
  const notCodes: ReadonlySet<string> = new Set([
    ...balancePolicies,
    ...catalogue.keys(),
    ...enumValues(),
    ...verifyProblems,
    ...Object.keys(promotionCodes),
    ...Object.keys(importCodes),
    ...Object.keys(connectionEnds),
    "subscription-key",
  ]);
  for (const { path, text } of pages) {
    const words = [...withoutFences(text).matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, word = ""]) => word);
    for (const word of new Set(words.filter((one) => families.has(one.split("-")[0]) && !notCodes.has(one)))) {
      it(`${path}: ${word}`, () => assert.ok(known.has(word), `${word} is no reason and no diagnostic`));
    }
  }
});

/** Words that settings of policies are chosen by. */
function enumValues(): readonly string[] {
  return [...catalogue.values()].flatMap(({ args }) => Object.values(args).flatMap(({ values = [] }) => values));
}
