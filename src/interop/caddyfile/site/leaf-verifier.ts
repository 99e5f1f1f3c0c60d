import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { dirname, isAbsolute, join } from "node:path";
import type { Token } from "#interop/caddyfile/syntax/token.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { celText } from "#interop/caddyfile/words/cel.ts";
import type { Site } from "./site.ts";

/** `verifier leaf`: clients whose certificate is one of these. By its fingerprint, so that nothing of it has to be kept. */
export function readLeafVerifier({ name, args, block }: Line, site: Site): void {
  const [kind, loader, ...rest] = args;
  if (kind?.text !== "leaf") return site.report.say("option-unsupported", name, `verifier ${kind?.text ?? ""}`);
  const lines = block ?? [];
  const all = [
    ...(loader === undefined ? [] : [{ loader, words: rest }]),
    ...lines.map((line) => ({ loader: line.name, words: line.args })),
  ];
  for (const one of all) {
    if (one.loader.text === "file") site.leaves.push(...one.words.flatMap((word) => fileOf(word, site)));
    else if (one.loader.text === "folder") site.leaves.push(...one.words.flatMap((word) => folderOf(word, site)));
    else site.report.say("option-unsupported", one.loader, `verifier leaf ${one.loader.text}`);
  }
  allowLeaves(name, site);
}

/** Nobody else is let in, and nobody without a certificate. */
export function allowLeaves(at: Token, site: Site): void {
  const known = [...new Set(site.leaves)].map(celText).join(", ");
  site.api["clientCertificate"] = "require";
  site.api["access"] = [{ allow: `principal.certificate.fingerprint in [${known}]` }];
  site.report.say("stricter", at, "only certificates of the list are let in, and each has to be one that is trusted");
  if (site.leaves.length === 0) site.report.say("needs-value", at, "there is no certificate to let in: nobody gets in");
}

/** Of a certificate in base64, or in PEM. */
export function fingerprintOf(text: string): string {
  const pem = /-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/.exec(text)?.[1];
  return createHash("sha256")
    .update(Buffer.from((pem ?? text).replaceAll(/\s/g, ""), "base64"))
    .digest("hex");
}

export function fileOf(word: Token, site: Site): readonly string[] {
  const text = site.files.read(placed(word));
  if (text !== undefined) return [fingerprintOf(text)];
  site.report.say("needs-value", word, `${word.text} cannot be read: whose certificate it is is not known`);
  return [];
}

function folderOf(word: Token, site: Site): readonly string[] {
  return site.files.glob(join(placed(word), "*.pem")).flatMap((path) => {
    const text = site.files.read(path);
    return text === undefined ? [] : [fingerprintOf(text)];
  });
}

function placed({ text, file }: Token): string {
  return isAbsolute(text) ? text : join(dirname(file), text);
}
