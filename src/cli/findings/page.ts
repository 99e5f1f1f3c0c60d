import { Html, html } from "#lib/html.ts";
import { byGroup, countsOf, type Finding, type FindingReport } from "#model/finding.ts";

const style = new Html(
  `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1c2530;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin:1.6rem 0 .3rem}table{border-collapse:collapse;width:100%}
td{padding:.3rem .6rem;border-top:1px solid #d8dee6;vertical-align:top;overflow-wrap:anywhere}td:first-child{width:4.5rem;font-weight:600}
.failed{color:#b3261e}.warned{color:#8a5a00}.passed{color:#1b6b3a}.skipped{color:#5b6673}small{color:#5b6673}
@media(prefers-color-scheme:dark){body{color:#e6eaf0;background:#14181d}td{border-color:#333b45}.failed{color:#ff8a80}.warned{color:#ffcc66}.passed{color:#7bd59b}.skipped,small{color:#9aa6b4}}`,
);

/** One page for people, with nothing in it that another server is asked for. */
export function findingsPage({ command, title, time, findings }: FindingReport): string {
  const { passed, failed, warned, skipped } = countsOf(findings);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>sallyport ${command}: ${failed === 0 ? "ok" : "failed"}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        <p>
          <span class="${failed === 0 ? "passed" : "failed"}">${failed === 0 ? "ok" : "failed"}</span>: ${passed}
          passed, ${failed} failed, ${warned} warned, ${skipped} skipped · <time>${time}</time>
        </p>
        ${[...byGroup(findings)].map(([group, found]) => section(group, found))}
      </body>
    </html>`;
  return `${page.text}\n`;
}

function section(group: string, findings: readonly Finding[]): Html {
  return html`<h2>${group}</h2>
    <table>
      ${findings.map(row)}
    </table>`;
}

function row({ state, name, detail, code, fix }: Finding): Html {
  const more = state === "passed" ? null : html`<br /><small>${code}${fix === null ? "" : `. Fix: ${fix}`}</small>`;
  return html`<tr>
    <td class="${state}">${state}</td>
    <td>${name}${detail === "" ? "" : `: ${detail}`}${more}</td>
  </tr>`;
}
