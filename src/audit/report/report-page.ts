import { Html, html } from "#lib/html.ts";
import type { EventDetail } from "#model/control-events.ts";
import type { Activity, AuditReport, ConfigurationChange, Reach, ReportedEvent } from "./report.ts";

/** What a page shows of a list; all of it is in the other forms. */
const maxRows = 2000;

const style = new Html(`
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; font-size: .9em }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: anywhere }
code, pre { font: .9em ui-monospace, monospace } pre { overflow-x: auto; background: #8881; padding: .5rem }
.good { color: #18794e } .bad { color: #cd2b31; font-weight: 600 } nav a { margin-right: 1rem }
@media print { nav { display: none } body { margin: 0; max-width: none } }`);

/** One page with all of it: no script, and nothing that is fetched from anywhere. */
export function reportPage(report: AuditReport): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Audit report ${report.from} to ${report.to}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>Audit report</h1>
        <p>
          From ${report.from} to ${report.to}, of ${listed(report.nodes)}, ${listed(report.environments)}. Made
          ${report.made}.
        </p>
        <nav>
          <a href="#chain">The record itself</a><a href="#reach">Who could reach what</a><a href="#did">Who did</a
          ><a href="#approvals">Approvals</a><a href="#keys">Keys</a><a href="#configuration">Configuration</a
          ><a href="#people">People</a><a href="#gateway">Gateway</a>
        </nav>
        ${verification(report)}${reach(report.reach)}${activity(report.activity)}
        <h2 id="approvals">Approvals and break-glass</h2>
        ${events(report.approvals)}
        <h2 id="keys">Keys and certificates</h2>
        ${events(report.keys)}
        <h2 id="configuration">Changes of the configuration</h2>
        ${changes(report.configuration)}
        <h2 id="people">Subscriptions, users and revocations</h2>
        ${events(report.people)}
        <h2 id="gateway">The gateway</h2>
        ${events(report.gateway)}
      </body>
    </html> `;
  return page.text;
}

function verification({ verification: found }: AuditReport): Html {
  const { ok, records, segments, firstBad, gaps, gapCount, checkpoints, signed, head, tree, retired } = found;
  const verdict = ok
    ? html`<span class="good">whole and unaltered</span>`
    : html`<span class="bad">altered: ${firstBad?.file ?? ""}:${firstBad?.line ?? 0}, ${firstBad?.detail ?? ""}</span>`;
  const rows: (readonly [string, string | Html])[] = [
    ["Verdict", verdict],
    ["Records", `${records} in ${segments} segments, the last with number ${head.seq}`],
    [
      "Retired",
      retired === undefined
        ? "nothing: the record is here from its first line on"
        : `${retired.lines} lines in ${retired.segments} segments, the oldest, are no longer here: nothing below speaks of them`,
    ],
    ["Tree", `${tree.size} lines, root ${tree.root}`],
    [
      "Signed",
      signed === undefined ? "no checkpoint by a known key" : `${checkpoints} checkpoints, the last of ${signed.time}`,
    ],
    [
      "Gaps",
      gaps.length === 0
        ? "none"
        : gaps.map(({ time, why, afterSeq }) => `${time}: ${why}, after number ${afterSeq}`).join("; ") +
          (gapCount > gaps.length ? `; and ${gapCount - gaps.length} older ones` : ""),
    ],
  ];
  return html`<h2 id="chain">The record itself</h2>
    <table>
      ${rows.map(
        ([name, value]) =>
          html`<tr>
            <th>${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </table>`;
}

function reach({ problem, entry, since, operations, products, subscriptions }: Reach): Html {
  const title = html`<h2 id="reach">Who could reach what</h2>`;
  if (problem !== null)
    return html`${title}
      <p class="bad">${problem}</p>`;
  return html`${title}
    <p>By configuration ${entry}, in force since ${since}.</p>
    ${table(
      ["Operation", "Method and path", "Who", "Products"],
      operations,
      ({ api, operation, method, template, isPublic, clientCertificate, rules, subscription, products: of }) => [
        `${api} / ${operation}`,
        `${method} ${template}`,
        [
          isPublic ? "everybody" : "",
          clientCertificate ? "with a client certificate" : "",
          ...rules,
          subscription === "none" ? "" : `subscription: ${subscription}`,
        ]
          .filter((text) => text !== "")
          .join("; "),
        of.join(", "),
      ],
    )}
    <h3>Products</h3>
    ${table(
      ["Product", "By", "Members", "APIs"],
      products,
      ({ name, subscription, members, apis, approvalRequired }) => [
        name,
        `${subscription}${approvalRequired ? ", with approval" : ""}`,
        members === null ? "everybody who is known" : members.join("; "),
        apis.join(", "),
      ],
    )}
    <h3>Subscriptions</h3>
    ${table(["Subscription", "For", "Owner", "State", "Made", "Ends"], subscriptions, ({ name, scope, owner, state, created, ends }) => [name, scope, owner ?? "", state, created, ends ?? ""])}`;
}

function activity({ requests, denied, principals, principalsLeftOut, reasons }: Activity): Html {
  const left = principalsLeftOut === 0 ? "" : ` ${principalsLeftOut} or more principals have no line here.`;
  return html`<h2 id="did">Who did</h2>
    <p>${requests} requests, ${denied} of them denied.${left}</p>
    ${table(
      ["Who", "Kind", "Requests", "Denied", "Bytes out", "First", "Last", "Called", "Acting for it"],
      principals,
      (one) => [
        one.id === "" ? "nobody" : one.id,
        one.kind,
        String(one.requests),
        String(one.denied),
        String(one.bytesOut),
        one.first,
        one.last,
        one.apis.join(", "),
        one.actors.join(", "),
      ],
    )}
    <h3>Why requests were denied</h3>
    ${table(["Reason", "Requests"], reasons, ({ reason, requests: count }) => [reason, String(count)])}`;
}

function events(list: readonly ReportedEvent[]): Html {
  return table(["Time", "Event", "By", "Details", "Record"], list, ({ time, event, by, details, seq }) => [
    time,
    event,
    by,
    detailsText(details),
    String(seq),
  ]);
}

function changes(list: readonly ConfigurationChange[]): Html {
  const diffs = list.filter(({ diff }) => diff !== null && diff !== "");
  return html`${events(list)}${diffs.map(
    ({ time, by, diff }) =>
      html`<h3>${time}, by ${by}</h3>
        <pre>${diff}</pre>`,
  )}`;
}

function table<Row>(head: readonly string[], rows: readonly Row[], cells: (row: Row) => readonly string[]): Html {
  if (rows.length === 0) return html`<p>None.</p>`;
  const shown = rows.slice(0, maxRows).map(
    (row) =>
      html`<tr>
        ${cells(row).map((cell) => html`<td>${cell}</td>`)}
      </tr>`,
  );
  const more = rows.length > maxRows ? html`<p>${rows.length - maxRows} more are in the JSON and CSV forms.</p>` : null;
  return html`<table>
      <thead>
        <tr>
          ${head.map((name) => html`<th>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${shown}
      </tbody>
    </table>
    ${more}`;
}

export function detailsText(details: Readonly<Record<string, EventDetail>>): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(", ") : String(value)}`)
    .join("; ");
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "no node" : names.join(", ");
}
