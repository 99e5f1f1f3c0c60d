import { createHash } from "node:crypto";
import { Html, html } from "#lib/html.ts";
import type { SiteResponse } from "#model/site.ts";

const style =
  "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.2rem;color:#1c2430;background:#fff}" +
  "h1{font-size:1.5rem;line-height:1.2}a{color:#0b57a4}small{color:#5b6470;overflow-wrap:anywhere}ul{padding:0;list-style:none}" +
  "li{margin:.6rem 0}.button,button{display:inline-block;font:inherit;padding:.55rem 1.1rem;border:1px solid #0b57a4;border-radius:.4rem;background:#0b57a4;color:#fff;text-decoration:none;cursor:pointer}" +
  "input,textarea,select{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left}" +
  "@media(prefers-color-scheme:dark){body{color:#e6e9ee;background:#14181e}a{color:#7db8f5}small{color:#9aa4b2}}";

const styleHash = createHash("sha256").update(style).digest("base64");

/** Whole, since its hash counts each space. */
const styleElement = new Html(`<style>${style}</style>`);

export interface PageOptions {
  readonly status?: number;
  /** Origins that a form of the page may lead to, besides this one; also by a redirect. */
  readonly formTargets?: readonly string[];
  /** Flat, besides those that each page has. */
  readonly headers?: readonly string[];
}

/** A page that needs no script and is readable without its style. */
export function page(title: string, content: Html, options: PageOptions = {}): SiteResponse {
  const { status = 200, formTargets = [], headers = [] } = options;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <title>${title}</title>
        ${styleElement}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `;
  return {
    status,
    headers: ["Content-Type", "text/html; charset=utf-8", ...pageHeaders(formTargets), ...headers],
    body: document.text,
  };
}

/** What no answer of ours goes without: none is kept, none is framed, none runs anything. */
function pageHeaders(formTargets: readonly string[]): readonly string[] {
  const forms = ["'self'", ...formTargets].join(" ");
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; form-action ${forms}; frame-ancestors 'none'; base-uri 'none'`;
  return ["Content-Security-Policy", policy, "X-Frame-Options", "DENY", ...plainHeaders];
}

const plainHeaders: readonly string[] = [
  "Cache-Control",
  "no-store",
  "X-Content-Type-Options",
  "nosniff",
  "Referrer-Policy",
  "same-origin",
];

export function json(status: number, value: unknown, headers: readonly string[] = []): SiteResponse {
  const body = `${JSON.stringify(value)}\n`;
  return { status, headers: ["Content-Type", "application/json", ...plainHeaders, ...headers], body };
}

/** @param location absolute, or a path of this host; checked by whoever chose it */
export function redirect(location: string, headers: readonly string[] = []): SiteResponse {
  return { status: 303, headers: ["Location", location, ...plainHeaders, ...headers], body: "" };
}

export function empty(status: number, headers: readonly string[] = []): SiteResponse {
  return { status, headers: [...plainHeaders, ...headers], body: "" };
}
