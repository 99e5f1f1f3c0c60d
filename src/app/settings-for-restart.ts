import { canonicalJson } from "#compile/canonical.ts";
import type { ControlDefinition } from "./definition/read-result.ts";

type Part = readonly [name: string, of: (definition: ControlDefinition) => unknown];

/** Listeners are bound once, and the record is opened once; all else changes live. */
const parts: readonly Part[] = [
  ["edge https", ({ edge }) => edge.https],
  ["edge http", ({ edge }) => edge.http],
  ["edge tls", ({ edge }) => edge.tls],
  ["audit", ({ audit }) => audit],
  ["admin socket", ({ admin }) => admin.socket],
  ["admin listen", ({ admin: { remote } }) => remote?.listen],
  ["admin tls", ({ admin: { remote } }) => [remote?.tls, remote?.hosts]],
];

/** Names of the settings that differ and take effect at the next start. */
export function settingsForRestart(before: ControlDefinition, after: ControlDefinition): readonly string[] {
  return parts.filter(([, of]) => canonicalJson(of(before)) !== canonicalJson(of(after))).map(([name]) => name);
}
