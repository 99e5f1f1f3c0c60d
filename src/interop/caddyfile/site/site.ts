import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import type { SourceFiles } from "#interop/caddyfile/syntax/source-files.ts";
import type { Report } from "#interop/caddyfile/report/report.ts";
import type { Draft, Hash } from "#interop/caddyfile/target/draft.ts";
import { choose, type Policy, setVariable } from "#interop/caddyfile/target/policy.ts";
import { piecesOf } from "#interop/caddyfile/words/text.ts";
import { variable } from "#interop/caddyfile/words/cel.ts";
import { endedVariable } from "./join.ts";
import type { Directive } from "./scope.ts";

/**
 * When a rule for the response runs: on what a proxied server has sent; before anything answers, so that it is there on
 * errors too; when all that is inside has answered; or on refusals alone.
 */
export type Phase = "proxy" | "early" | "late" | "refusal";

interface OutboundRule {
  readonly id: string;
  policies: readonly Policy[];
  readonly phase: Phase;
}

/** What all sites of a file share. */
export interface SiteOptions {
  readonly report: Report;
  readonly draft: Draft;
  readonly routes: ReadonlyMap<string, readonly Line[]>;
  /** What is written beside the definition. */
  readonly files: Map<string, string>;
  readonly sources: SourceFiles;
  /** Destinations that `map` gives, with what they can be; null: not all are known. */
  readonly mapped: ReadonlyMap<string, readonly string[] | null>;
}

/** One site while its directives are read: what belongs to its API as a whole. */
export class Site {
  readonly report: Report;
  readonly draft: Draft;
  readonly routes: ReadonlyMap<string, readonly Line[]>;
  readonly always: Set<string> = new Set();
  readonly environment: Set<string> = new Set();
  /** Settings of the API. */
  readonly api: Record<string, unknown> = {};
  /** Fingerprints of the client certificates that are let in. */
  readonly leaves: string[] = [];
  usesProxy = false;
  needsMarks = false;
  /** Pages take the place of refusals. */
  handlesErrors = false;
  readonly #options: SiteOptions;
  readonly #outbound: OutboundRule[] = [];
  readonly #fileVariables = new Map<string, string>();
  #count = 0;
  #basic: string | null = null;

  constructor(options: SiteOptions) {
    this.#options = options;
    this.report = options.report;
    this.draft = options.draft;
    this.routes = options.routes;
  }

  get files(): SourceFiles {
    return this.#options.sources;
  }

  nextOutbound(): string {
    this.#count += 1;
    return `caddy.rule${this.#count}`;
  }

  addOutbound(id: string, policies: readonly Policy[], phase: Phase): void {
    this.#outbound.push({ id, policies, phase });
  }

  /** What looks at the response comes behind what was said of it before. */
  extendOutbound(id: string, policies: readonly Policy[]): void {
    const rule = this.#outbound.find((one) => one.id === id);
    if (rule !== undefined) rule.policies = [...policies, ...rule.policies];
  }

  isEmptyRule(id: string): boolean {
    return this.#outbound.find((one) => one.id === id)?.policies.length === 0;
  }

  /** Rules of inner directives see the response first, as handlers that wrap others do. */
  outbound(): readonly Policy[] {
    const late = this.#outbound.filter(({ phase }) => phase === "late").toReversed();
    return this.#rules([...this.#outbound.filter(({ phase }) => phase === "proxy"), ...this.#early(), ...late]);
  }

  earlyRules(): readonly Policy[] {
    return this.#rules(this.#early());
  }

  refusalRules(): readonly Policy[] {
    return this.#rules(this.#outbound.filter(({ phase }) => phase === "refusal"));
  }

  #early(): readonly OutboundRule[] {
    return this.#outbound.filter(({ phase }) => phase === "early");
  }

  #rules(rules: readonly OutboundRule[]): readonly Policy[] {
    return rules.flatMap(({ id, policies }) => {
      if (policies.length === 0 || this.always.has(id)) return policies;
      return [choose([{ condition: variable(id, "false"), policies }])];
    });
  }

  /** A name for what a look at the disk has found; the same look has the same. */
  fileVariable(tries: readonly string[], root: string | null): string {
    const key = JSON.stringify([tries, root]);
    const known = this.#fileVariables.get(key) ?? `caddy.file${this.#fileVariables.size + 1}`;
    this.#fileVariables.set(key, known);
    return known;
  }

  handTo(to: { readonly backend: string } | { readonly ending: string } | { readonly baseUrl: string }): Policy {
    if ("ending" in to) return { "end-with": to.ending };
    this.usesProxy = true;
    return { "set-backend-service": "backend" in to ? { backendId: to.backend } : { baseUrl: to.baseUrl } };
  }

  /** A mark of what came in means nothing to who looks at a response or an error. */
  unmark(): readonly Policy[] {
    return this.needsMarks ? [setVariable(endedVariable, false)] : [];
  }

  /** Whoever hands over says so, where something behind has to know. */
  mark(): readonly Policy[] {
    return this.needsMarks ? [setVariable(endedVariable, true)] : [];
  }

  compress(settings: Readonly<Record<string, unknown>>): void {
    const before = this.api["compress"] as { codings?: readonly string[] } | undefined;
    this.api["compress"] =
      before === undefined
        ? settings
        : {
            ...settings,
            codings: [...new Set([...(before.codings ?? []), ...(settings["codings"] as readonly string[])])],
          };
  }

  /** Whoever shows a password in this site is looked for in one list. @returns its name */
  useBasic(): string {
    this.#basic ??= this.draft.basicList();
    // As Caddy: a wrong password matters where one is asked for, and the backend gets it to see; it is told nothing more.
    this.api["basic"] = { users: this.#basic, wrong: "ignore", forward: true };
    this.api["identity"] = "none";
    return this.#basic;
  }

  /** @returns whether it is the same as before, or the first of that name */
  addUser(name: string, hash: Hash): boolean {
    return this.draft.addUser(this.useBasic(), name, hash);
  }

  /** Settings of a proxy that the API has as a whole. */
  useApi(settings: Readonly<Record<string, unknown>>, { say }: Directive): void {
    for (const [key, value] of Object.entries(settings)) {
      if (this.api[key] === undefined) this.api[key] = value;
      else if (Array.isArray(value)) this.api[key] = [...new Set([...(this.api[key] as readonly unknown[]), ...value])];
      else if (this.api[key] !== value) say("wider", `${key}: ${String(this.api[key])} holds for the whole site`);
    }
  }

  rootOf({ scope, say }: Directive): string {
    if (scope.root.computed)
      say("value-unsupported", "the folder depends on the request: root with a matcher or a placeholder");
    return scope.root.path ?? ".";
  }

  /** Where `{name}:80` may lead, when `map` says all that it can be; null otherwise. */
  destinationsOf(address: string, scheme: string): readonly string[] | null {
    const parts = piecesOf(address);
    let texts: readonly string[] = [""];
    for (const part of parts) {
      const values = typeof part === "string" ? [part] : this.#options.mapped.get(part.name);
      if (values === undefined || values === null) return null;
      texts = texts.flatMap((text) => values.map((value) => text + value));
    }
    return texts.map((text) => `${scheme}://${text}`);
  }

  /** A certificate that stands in the Caddyfile itself, as a file beside the definition. */
  certificateFile(base64: readonly string[]): string {
    const pem = base64
      .map(
        (one) =>
          `-----BEGIN CERTIFICATE-----\n${(one.match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`,
      )
      .join("");
    const name = `authority-${createHash("sha256").update(Buffer.from(pem)).digest("hex").slice(0, 12)}.pem`;
    this.#options.files.set(name, pem);
    return name;
  }
}
