import { isIP } from "node:net";
import type { Parsed } from "#config/shapes/text.ts";
import { isLoopback } from "./urls.ts";

/** Authorities that everybody knows, by the name that people call them. */
export const knownDirectories: ReadonlyMap<string, { readonly url: string; readonly staging: string | null }> = new Map(
  [
    [
      "letsencrypt",
      {
        url: "https://acme-v02.api.letsencrypt.org/directory",
        staging: "https://acme-staging-v02.api.letsencrypt.org/directory",
      },
    ],
    ["letsencrypt-staging", { url: "https://acme-staging-v02.api.letsencrypt.org/directory", staging: null }],
    ["zerossl", { url: "https://acme.zerossl.com/v2/DV90", staging: null }],
    [
      "google",
      {
        url: "https://dv.acme-v02.api.pki.goog/directory",
        staging: "https://dv.acme-v02.test-api.pki.goog/directory",
      },
    ],
  ],
);

/** A known authority's name, or the URL of a directory. */
export function parseDirectory(text: string): Parsed<string> {
  if (knownDirectories.has(text)) return { value: text };
  const url = /^https?:\/\/[^\s\\]+$/i.test(text) ? URL.parse(text) : null;
  if (url === null || url.username !== "" || url.password !== "") {
    const fix = `write ${[...knownDirectories.keys()].join(", ")}, or https://ca.example/directory`;
    return { problem: "this is neither a known issuer nor the URL of an ACME directory", fix };
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    return { problem: `${text}: what is ordered over http can be replaced on its way`, fix: "use https" };
  }
  return { value: text };
}

export function parseEmail(text: string): Parsed<string> {
  if (/^[^\s@<>,;:"()[\]\\?#&]{1,64}@[^\s@<>,;:"()[\]\\?#&]{3,190}$/.test(text)) return { value: text };
  return { problem: `${text} is not an e-mail address`, fix: "write one address, such as ops@example.com" };
}

/** `192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:53` → `address:port`. */
export function parseNameServer(text: string): Parsed<string> {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = Number(digits ?? 53);
  const good = bracketed === undefined ? isIP(plain ?? "") === 4 : isIP(bracketed) === 6;
  if (good && port > 0 && port <= 65_535)
    return { value: `${bracketed === undefined ? plain : `[${bracketed}]`}:${port}` };
  return {
    problem: `${text} is not the address of a name server`,
    fix: "write 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:53",
  };
}
