import { rm } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { readText, writeAtomically } from "#edge/ca-files.ts";
import { clearListUrl } from "#edge/list-place.ts";
import type { EdgeSettings, ListenPlace } from "#model/definition.ts";
import { firstPort } from "#model/listen-place.ts";
import type { Random } from "#model/ports.ts";

/** Where a gateway gives revocation lists over clear HTTP. */
export interface ListPlace {
  /** As it stands in a URL. */
  readonly host: string;
  readonly port: number;
}

/** Port of the gateway's lists as clients reach it; null: it gives none in clear. @param bound of `http` */
export function listPort({ http, advertisedPorts }: EdgeSettings, bound: readonly ListenPlace[]): number | null {
  if (http.length === 0) return null;
  return advertisedPorts.http ?? firstPort(bound) ?? null;
}

/** A name that others know it by; null: the definition has none. @param hosts of the definition, the best first */
export function listHost(hosts: readonly string[]): string | null {
  return hosts.find((host) => isIP(host) === 0 && !host.includes("*")) ?? null;
}

/** For `sallyport ca issue`, which knows the folder only and not the definition. */
export async function writeListPlace(
  caPath: string,
  host: string | null,
  port: number | null,
  random: Random,
): Promise<void> {
  if (host === null || port === null) return rm(fileOf(caPath), { force: true });
  return writeAtomically(fileOf(caPath), JSON.stringify({ host, port } satisfies ListPlace), random);
}

/** Null: no gateway has said, or it gives none. */
export async function readListPlace(caPath: string): Promise<ListPlace | null> {
  const text = await readText(fileOf(caPath));
  return text === null ? null : (JSON.parse(text) as ListPlace);
}

/** For certificates; none without a place. */
export function listsAt(place: ListPlace | null): (issuer: string) => readonly string[] {
  return place === null ? () => [] : (issuer) => [clearListUrl(place.host, place.port, issuer)];
}

/** `http://host[:port]`; null: it is something else. */
export function parseListPlace(text: string): ListPlace | null {
  const url = URL.parse(text);
  if (url === null || url.protocol !== "http:" || url.pathname !== "/" || url.username !== "") return null;
  if (url.search !== "" || url.hash !== "") return null;
  return { host: url.hostname, port: url.port === "" ? 80 : Number(url.port) };
}

function fileOf(caPath: string): string {
  return join(caPath, "lists.json");
}
