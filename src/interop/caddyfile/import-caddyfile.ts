import { readGlobals, type Globals } from "./globals/globals.ts";
import { isDirective } from "./directives/table.ts";
import { mappedNames } from "./directives/variables.ts";
import { Report } from "./report/report.ts";
import { isSecure, readAddress, type Address } from "./site/address.ts";
import { environmentPolicies, SiteCompiler, valueName } from "./site/compile-site.ts";
import { errorPolicies } from "./site/errors.ts";
import { readSiteLogs } from "./site/logs.ts";
import type { Scope } from "./site/scope.ts";
import { Site, type SiteOptions } from "./site/site.ts";
import { readTls, type TlsWishes } from "./site/tls.ts";
import { type Document, type ReadOptions, readDocument, type SiteBlock } from "./syntax/document.ts";
import type { SourceFiles } from "./syntax/source-files.ts";
import { CaddyfileError } from "./syntax/token.ts";
import type { Line } from "./syntax/tree.ts";
import { Draft } from "./target/draft.ts";
import type { Policy } from "./target/policy.ts";
import { writeEdge, type PlacedSite } from "./target/edge.ts";
import { piecesOf } from "./words/text.ts";

export interface ImportedCaddyfile {
  readonly report: Report;
  /** Null: the file cannot be read. */
  readonly definition: Readonly<Record<string, unknown>> | null;
  /** What lies beside the definition, by name. */
  readonly files: ReadonlyMap<string, string>;
}

/** A Caddyfile to a definition, with a report of what maps and what does not. Never throws for what is in the file. */
export function importCaddyfile(source: string, options: ReadOptions): ImportedCaddyfile {
  const report = new Report();
  const files = new Map<string, string>();
  try {
    const document = readDocument(source, options);
    return { report, definition: new Importing(document, report, files, options.files).run(), files };
  } catch (error) {
    if (!(error instanceof CaddyfileError)) throw error;
    report.say("caddyfile-invalid", error, error.message);
    return { report, definition: null, files };
  }
}

class Importing {
  readonly #document: Document;
  readonly #report: Report;
  readonly #files: Map<string, string>;
  readonly #sources: SourceFiles;
  readonly #draft = new Draft();
  readonly #wishes: TlsWishes = { internal: new Set(), public: new Set(), clientAuth: null, onDemand: false };

  constructor(document: Document, report: Report, files: Map<string, string>, sources: SourceFiles) {
    this.#document = document;
    this.#report = report;
    this.#files = files;
    this.#sources = sources;
  }

  run(): Readonly<Record<string, unknown>> {
    const globals = readGlobals(this.#document.globals, this.#report, this.#draft);
    const placed = this.#document.sites.map((block) => this.#site(block, globals));
    writeEdge(placed, globals, this.#wishes, this.#draft, this.#report);
    return this.#draft.toDefinition();
  }

  #site({ keys, lines }: SiteBlock, globals: Globals): PlacedSite {
    const [first] = keys;
    if (first === undefined)
      throw new CaddyfileError("a site without an address", lines[0]?.name ?? { file: "", line: 1 });
    const addresses = keys.flatMap((key) => this.#addresses(key, globals));
    const [options, mapped] = this.#options(lines);
    const site = new Site(options);
    const hasTls = readTls(lines, site, this.#wishes, first.text);
    readSiteLogs(lines, this.#report, this.#draft);
    const ports = new Set(addresses.map(({ port }) => port));
    const policies = this.#policies(site, lines, globals, mapped, ports.size === 1 ? ([...ports][0] ?? null) : null);
    const bind = lines.filter(({ name }) => name.text === "bind");
    for (const line of bind) this.#report.count(line);
    return {
      addresses: addresses.map((address) => ({
        ...address,
        secure: isSecure(address, globals, hasTls, globals.autoHttps),
      })),
      bind: bind.flatMap(({ args }) => args.map(({ text }) => text)),
      api: { ...site.api, ...policies },
      at: first,
    };
  }

  #addresses(key: SiteBlock["keys"][number], globals: Globals): readonly Address[] {
    const text = key.text.replace(/,$/, "");
    if (text === "") return [];
    if (text.startsWith("@")) throw new CaddyfileError(`${text}: a matcher stands in a site`, key);
    if (isDirective(text)) throw new CaddyfileError(`${text} is a directive, and stands in a site`, key);
    const address = readAddress({ ...key, text }, globals, this.#report);
    return address === null ? [] : [address];
  }

  /** What `map` can give is known before anything is read that names it. */
  #options(lines: readonly Line[]): readonly [SiteOptions, ReadonlySet<string>] {
    const mapped = new Map<string, readonly string[] | null>();
    for (const line of flat([...lines, ...[...this.#document.routes.values()].flat()])) {
      if (line.name.text !== "map") continue;
      const args = line.args.filter(({ text }, index) => index > 0 || !/^[@/*]/.test(text));
      for (const [index, name] of mappedNames(args).entries()) {
        const values = (line.block ?? []).flatMap((row) => row.args[index]?.text ?? []);
        mapped.set(name, values.some((value) => /[{}$]/.test(value)) ? null : values);
      }
    }
    const { routes } = this.#document;
    return [
      { report: this.#report, draft: this.#draft, routes, files: this.#files, sources: this.#sources, mapped },
      new Set(mapped.keys()),
    ];
  }

  /** Twice: only the first time tells which groups are asked for, and whether somebody has to leave a mark. */
  #policies(
    site: Site,
    lines: readonly Line[],
    globals: Globals,
    mapped: ReadonlySet<string>,
    port: number | null,
  ): Readonly<Record<string, unknown>> {
    const wantedGroups = groupsIn(flat([...lines, ...[...this.#document.routes.values()].flat()]));
    const trial = new Site({
      report: new Report(),
      draft: new Draft(),
      routes: this.#document.routes,
      files: new Map(),
      sources: this.#sources,
      mapped: new Map(),
    });
    const options = { order: globals.order, mapped, wantedGroups, port };
    new SiteCompiler({ ...options, site: trial }).compile(lines, scopeOf(trial), true, true);
    site.needsMarks = trial.needsMarks;
    site.handlesErrors = lines.some(({ name }) => name.text === "handle_errors");
    const compiler = new SiteCompiler({ ...options, site });
    const scope = scopeOf(site);
    const { policies: inbound } = compiler.compile(lines, scope, true, true);
    const matchers = new Map(
      lines.filter(({ name }) => name.text.startsWith("@")).map((line) => [line.name.text, line]),
    );
    for (const line of lines.filter(({ name }) => name.text === "handle_errors")) this.#report.count(line);
    const onError = [
      ...errorPolicies(lines, { ...scope, matchers }, compiler),
      ...site.earlyRules(),
      ...site.refusalRules(),
    ];
    for (const name of site.environment) this.#draft.values.set(valueName(name), { env: name });
    return sections([...environmentPolicies(site.environment), ...inbound], site.outbound(), onError, site);
  }
}

function scopeOf(site: Site): Scope {
  return {
    site,
    matchers: new Map(),
    moment: "request",
    root: { path: null, computed: false },
    tries: { current: null },
    invoking: [],
  };
}

function sections(
  inbound: readonly Policy[],
  outbound: readonly Policy[],
  onError: readonly Policy[],
  site: Site,
): Readonly<Record<string, unknown>> {
  const all = Object.entries({ inbound, outbound, "on-error": onError }).filter(([, policies]) => policies.length > 0);
  return {
    ...(site.usesProxy ? { timeout: "1h", ...site.api } : {}),
    ...(all.length === 0 ? {} : { policies: Object.fromEntries(all) }),
  };
}

function flat(lines: readonly Line[]): readonly Line[] {
  return lines.flatMap((line) => [line, ...flat(line.block ?? [])]);
}

/** Groups of regular expressions that some text names. */
function groupsIn(lines: readonly Line[]): Set<string> {
  const groups = new Set<string>();
  for (const { name, args } of lines) {
    for (const { text } of [name, ...args]) {
      for (const piece of piecesOf(text)) {
        const group = typeof piece === "string" ? undefined : /^(?:re|http\.regexp)\.(.+)$/.exec(piece.name)?.[1];
        if (group !== undefined) groups.add(group);
      }
    }
  }
  return groups;
}
