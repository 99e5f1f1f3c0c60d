import type { Entry, Listing } from "./list-folder.ts";

const style =
  "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}" +
  "table{border-collapse:collapse;width:100%}td,th{padding:.25rem .75rem .25rem 0;text-align:left}" +
  "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}:root{color-scheme:light dark}";

/** A folder for a person. @param names of the folder, from the root */
export function listingPage({ entries, isCut }: Listing, names: readonly string[]): string {
  const title = `Index of /${names.map((name) => `${escaped(name)}/`).join("")}`;
  const up = names.length === 0 ? "" : '<tr><td><a href="../">..</a></td><td></td><td></td></tr>\n';
  const cut = isCut ? "<p>There are more than can be shown.</p>\n" : "";
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
<h1>${title}</h1>
<table>
<tr><th scope="col">Name</th><th scope="col" class="n">Size</th><th scope="col">Modified</th></tr>
${up}${entries.map(row).join("")}</table>
${cut}</html>
`;
}

function row(entry: Entry): string {
  const size = entry.isFolder ? "" : sizeText(entry.size);
  const time = timeText(entry);
  const link = `<a href="${escaped(linkOf(entry))}">${escaped(shownName(entry))}</a>`;
  return `<tr><td>${link}</td><td class="n">${size}</td><td><time datetime="${time}">${time.slice(0, 16).replace("T", " ")}</time></td></tr>\n`;
}

/** A folder for a program, in the form in which Caddy has it, but for permissions. */
export function listingJson({ entries }: Listing): string {
  const items = entries.map((entry) => ({
    name: shownName(entry),
    size: entry.size,
    url: linkOf(entry),
    mod_time: timeText(entry),
    is_dir: entry.isFolder,
    is_symlink: entry.isLink,
  }));
  return `${JSON.stringify(items)}\n`;
}

function shownName({ name, isFolder }: Entry): string {
  return isFolder ? `${name}/` : name;
}

/** With a dot in front no name is a scheme. */
function linkOf({ name, isFolder }: Entry): string {
  return `./${encodeURIComponent(name)}${isFolder ? "/" : ""}`;
}

function timeText({ modified }: Entry): string {
  return new Date(modified).toISOString().replace(/\.\d+Z$/, "Z");
}

const units = ["KiB", "MiB", "GiB", "TiB"];

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let [size, unit] = [bytes / 1024, 0];
  while (size >= 1024 && unit < units.length - 1) [size, unit] = [size / 1024, unit + 1];
  return `${size.toFixed(1)} ${units[unit]}`;
}

const marks: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Names come from whoever may write into the folder. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (mark) => marks[mark] ?? "");
}
