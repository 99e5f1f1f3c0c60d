import { html } from "#lib/html.ts";
import type { Refusal } from "#model/decision.ts";
import { reasons } from "#model/reasons.ts";

/**
 * A refusal as a page for whoever looks at one: a person in the middle of a login, or behind a link, cannot read
 * problem+json, and needs the request id and the way to access all the same.
 */
export function withPage(refusal: Refusal, requestId: string): Refusal {
  const { reason, answer, page, message, approval } = refusal;
  if (answer !== undefined || page !== undefined) return refusal;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <title>That did not work</title>
      </head>
      <body>
        <h1>That did not work</h1>
        <p>${message ?? reasons[reason].message}</p>
        ${approval === undefined ? null : html`<p><a href="${accessAddress(approval)}">Ask for access</a></p>`}
        <p><small>If this goes on, tell whoever runs this service the request id ${requestId} (${reason}).</small></p>
      </body>
    </html> `;
  return { ...refusal, page: document.text, headers: [...(refusal.headers ?? []), ...pageHeaders] };
}

/** Nothing runs on it, and nothing frames it. */
const pageHeaders: readonly string[] = [
  "Content-Security-Policy",
  "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  "X-Content-Type-Options",
  "nosniff",
  "Referrer-Policy",
  "same-origin",
];

/** Where an approval is asked for. A reference, so that it stays on the host that the client called, whatever proxies stand in between. */
export function accessAddress(approval: string): string {
  return `/.sallyport/access?approval=${encodeURIComponent(approval)}`;
}
