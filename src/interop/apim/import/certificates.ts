import { parseVaultSecret } from "#model/key-vault.ts";
import type { DefinitionDraft, Settings } from "./draft.ts";
import type { Import } from "./import.ts";
import type { ImportReport } from "./import-report.ts";
import { resourcesOf } from "./information.ts";
import { plainName, variableName } from "./names.ts";

interface KnownCertificate {
  readonly id: string;
  readonly path: string;
  /** Upper-case hex; empty: the folder does not say. */
  readonly thumbprint: string;
  readonly vault: string | undefined;
  /** Client id of the identity that the vault knows; undefined: the system's own. */
  readonly identity: string | undefined;
}

/**
 * Certificates that something names. An export never holds them with their keys: those of a vault are read there, and
 * each other one is looked for in the environment, as PKCS#12; those that nothing names would be asked for in vain.
 */
export class Certificates {
  readonly #draft: DefinitionDraft;
  readonly #report: ImportReport;
  #known: readonly KnownCertificate[] = [];

  constructor(draft: DefinitionDraft, report: ImportReport) {
    this.#draft = draft;
    this.#report = report;
  }

  know(certificates: readonly KnownCertificate[]): void {
    this.#known = certificates;
  }

  get known(): readonly KnownCertificate[] {
    return this.#known;
  }

  isUsed(id: string): boolean {
    return this.#draft.has("certificates", id);
  }

  /** @returns the name that it has in the definition; undefined: none that it could have, which is told */
  useId(id: string, from: string): string | undefined {
    if (plainName(id) !== id) {
      this.#report.refuse(from, `names the certificate ${id}, which cannot be the name of one here`);
      return undefined;
    }
    const known = this.#known.find((one) => one.id.toLowerCase() === id.toLowerCase());
    return this.#use(id, from, known);
  }

  /** @param text as it is written, or the named value that holds it: `{{client-cert}}` */
  useThumbprint(text: string, from: string): string | undefined {
    const [, value] = /^\s*\{\{\s*([^{}]+?)\s*\}\}\s*$/.exec(text) ?? [];
    if (value !== undefined) return this.#use(plainName(value), from, undefined);
    const thumbprint = text.replaceAll(/[^0-9A-Fa-f]/g, "").toUpperCase();
    if (thumbprint === "") {
      this.#report.refuse(from, "shows a certificate whose thumbprint is none");
      return undefined;
    }
    const known = this.#known.find((one) => one.thumbprint === thumbprint);
    return this.#use(known?.id ?? `certificate-${thumbprint.slice(0, 12).toLowerCase()}`, from, known);
  }

  #use(name: string, from: string, known: KnownCertificate | undefined): string {
    if (this.isUsed(name)) return name;
    const vault = inVault(known);
    if (vault !== undefined && known !== undefined) {
      this.#draft.put("certificates", name, { pfx: vault }, [known.path]);
      this.#report.map(known.path, `certificates.${name}`);
      return name;
    }
    const variable = `${variableName(name)}_PFX`;
    this.#draft.put("certificates", name, { pfx: { env: variable } }, [known?.path ?? `named by ${from}`]);
    const source = known?.vault === undefined ? "" : `, from ${known.vault}`;
    const message = `certificate ${name} with its key, PKCS#12 in base64${source}; with a password, add it beside pfx`;
    this.#report.need(variable, known?.path ?? from, message);
    if (known !== undefined) this.#report.map(known.path, `certificates.${name}`);
    return name;
  }
}

/** Where it is read from, if that is a vault that the gateway asks. */
function inVault({ vault, identity }: Partial<KnownCertificate> = {}): Settings | undefined {
  if (vault === undefined || parseVaultSecret(vault) === undefined) return undefined;
  return {
    keyVault: { secretIdentifier: vault, ...(identity === undefined ? {} : { identityClientId: identity }) },
  };
}

/** Those that policies name. Backends come to theirs by themselves. */
export function importCertificates(context: Import): void {
  const { certificates, artifacts } = context;
  const resources = resourcesOf(context, "certificates", "certificateInformation.json");
  certificates.know(
    resources.map(({ id, path, information }) => ({
      id,
      path,
      thumbprint: (information.text("thumbprint") ?? "").toUpperCase(),
      vault: information.inner("keyVault").text("secretIdentifier"),
      identity: information.inner("keyVault").text("identityClientId"),
    })),
  );
  for (const [path, text] of artifacts.texts) {
    if (path.endsWith(".xml") && !path.startsWith("workspaces/")) useNamed(certificates, context.fill(text), path);
  }
}

/** What is left is named by nobody. */
export function reportUnusedCertificates({ certificates, report }: Import): void {
  for (const { id, path } of certificates.known) {
    if (!certificates.isUsed(id)) report.note(path, "is named by no policy and no backend: not carried over");
  }
}

/** What a document of policies names. A computed name is found when it runs, if it is there. */
export function useNamed(certificates: Certificates, document: string, path: string): void {
  const text = document.replaceAll(/<!--[\s\S]*?-->/g, "");
  for (const [, id = ""] of text.matchAll(/(?<![\w-])certificate-id\s*=\s*["']([^"'@]+)["']/g)) {
    certificates.useId(id, path);
  }
  for (const [, thumbprint = ""] of text.matchAll(
    /<authentication-certificate\b[^>]*?\bthumbprint\s*=\s*["']([^"'@]+)["']/g,
  )) {
    certificates.useThumbprint(thumbprint, path);
  }
  for (const [, id = ""] of text.matchAll(/Deployment\.Certificates\s*\[\s*(?:"|&quot;)([\w.-]+)(?:"|&quot;)\s*\]/g)) {
    certificates.useId(id, path);
  }
  // Compared with all of them.
  if (/Deployment\.Certificates\s*\.\s*(?:Any|First|Where|Values|Single)/.test(text)) {
    for (const { id } of certificates.known) certificates.useId(id, path);
  }
}
