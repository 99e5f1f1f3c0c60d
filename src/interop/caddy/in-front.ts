import type { Definition } from "#model/definition.ts";
import type { CaddyNote, CaddyPlan } from "./plan.ts";
import { dialOf, edgeNotes, type ExportSettings, isTrusted, optionsOf, peerOf, proofOf } from "./settings.ts";

export interface CaddyExport {
  readonly plan: CaddyPlan;
  readonly notes: readonly CaddyNote[];
}

/** Caddy has HTTPS and the certificates; every request comes here, with the client's address and Host. */
export function caddyInFront(definition: Definition, settings: ExportSettings): CaddyExport {
  const { edge } = definition;
  const dial = dialOf(definition, settings);
  const [set, notes] = proofOf(edge.proxySecret, "edge.proxySecret");
  const hosts = hostsOf(definition, settings);
  const all = [...notes, ...edgeNotes(definition, settings), ...hostNotes(definition, settings, hosts)];
  if (dial === null) all.push(noClearText);
  else if (edge.proxySecret === null && !isTrusted(peerOf(dial, settings), edge.trustedProxies)) {
    all.push(notTrusted(peerOf(dial, settings)));
  }
  const step = {
    kind: "proxy",
    dials: [dial ?? ""],
    tls: false,
    // A client's own word, which this gateway would believe coming from Caddy.
    removed: ["Forwarded"],
    set,
    trusted: settings.trusted,
    balance: null,
    version: null,
  } as const;
  const sites = hosts.length === 0 ? [] : [{ hosts, routes: [{ paths: null, steps: [step] }] }];
  return { plan: { options: optionsOf(settings), sites }, notes: all };
}

function hostsOf({ apis }: Definition, settings: ExportSettings): readonly string[] {
  return [...new Set([...apis.flatMap(({ hosts }) => hosts), ...settings.hosts])].toSorted();
}

function hostNotes({ apis }: Definition, settings: ExportSettings, hosts: readonly string[]): readonly CaddyNote[] {
  const notes: CaddyNote[] = [];
  const anywhere = apis.find((api) => api.hosts.length === 0);
  if (anywhere !== undefined && settings.hosts.length === 0) {
    notes.push({
      severity: "error",
      code: "export-hosts",
      place: `apis.${anywhere.name}`,
      message: `${anywhere.name} answers at any host, and Caddy has to know the names that it gets certificates for`,
      fix: "write hosts, or name them with --host (repeatable)",
    });
  }
  const wildcard = hosts.find((host) => host.startsWith("*."));
  if (wildcard !== undefined && settings.tls === "auto") {
    notes.push({
      severity: "note",
      code: "export-wildcard",
      place: wildcard,
      message: "public authorities sign for a wildcard by dns-01 alone, which Caddy does with a module for your DNS",
      fix: "give Caddy tls { dns … } for it, or --tls internal",
    });
  }
  return notes;
}

const noClearText: CaddyNote = {
  severity: "error",
  code: "export-https",
  place: "edge.https",
  message: "this gateway has HTTPS itself here: two servers would want the certificates of one name",
  fix: "write edge: { https: off, listen: { http: … }, trustedProxies: […] } for this environment",
};

function notTrusted(peer: string): CaddyNote {
  return {
    severity: "error",
    code: "export-not-trusted",
    place: "edge.trustedProxies",
    message: `${peer}, which Caddy comes from, is not trusted: every client would have its address, and limits by address would stop all together`,
    fix: `add ${peer} to edge.trustedProxies, or say with --from where Caddy comes from`,
  };
}
