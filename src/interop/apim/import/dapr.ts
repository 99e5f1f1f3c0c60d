import type { Import } from "./import.ts";

/** Elements and attributes of Dapr's policies, also as some documents spell them. */
const used = /<(?:invoke-da(?:pr|rp)-binding|publish-to-da(?:pr|rp))\b|\bdapr-app-id\s*=/;

/** There a sidecar is where it always is; here the definition says that there is one. */
export function declareDapr({ draft, report }: Import): void {
  for (const [path, text] of draft.files) {
    if (!path.endsWith(".xml") || !used.test(text)) continue;
    draft.dapr = true;
    return report.note(path, "uses Dapr: the definition has its sidecar at http://127.0.0.1:3500");
  }
}
