import { backendUrl, withHost } from "./backend-url.ts";
import { readCircuitBreaker } from "./circuit-breaker.ts";
import { importCredentials } from "./credentials.ts";
import type { Setting, Settings } from "./draft.ts";
import type { Import } from "./import.ts";
import { type Information, type Resource, resourcesOf } from "./information.ts";
import { idOf } from "./names.ts";
import { importCluster, isCluster } from "./service-fabric.ts";

interface ReadBackend {
  readonly resource: Resource;
  readonly name: string;
  readonly url: string;
  readonly breaker: Settings | undefined;
  readonly credentials: Settings;
}

/** Single backends, and pools of them. */
export function importBackends(context: Import): void {
  const resources = resourcesOf(context, "backends", "backendInformation.json");
  for (const { id } of resources) context.backends.give(id);
  const pools = resources.filter(isPool);
  const clusters = resources.filter(isCluster);
  for (const cluster of clusters) importCluster(context, cluster);
  const singles = resources
    .filter((resource) => !isPool(resource) && !clusters.includes(resource))
    .map((resource) => readSingle(context, resource));
  for (const { resource, name, url, breaker, credentials } of singles) {
    const settings = {
      ...withHost(url),
      ...credentials,
      ...(breaker === undefined ? {} : { circuitBreaker: breaker }),
    };
    context.draft.put("backends", name, settings, [resource.path]);
    context.report.map(resource.path, `backends.${name}`);
  }
  for (const pool of pools) importPool(context, pool, singles);
}

function isPool({ information }: Resource): boolean {
  return information.text("type")?.toLowerCase() === "pool";
}

function readSingle(context: Import, resource: Resource): ReadBackend {
  const { id, path, information } = resource;
  const { report, environments } = context;
  const name = context.backends.give(id);
  const urls = environments.names.map((environment) => {
    const own = information.with(environments.override(environment, "backends", id));
    const { url, problem } = backendUrl(own.text("url") ?? "");
    if (problem !== undefined)
      report.need(`${name}.url`, path, `the address of ${name}, "${own.text("url") ?? ""}", ${problem}`);
    return [environment, url] as const;
  });
  const { settings, problems } = readCircuitBreaker(information.inner("circuitBreaker"));
  for (const problem of problems) report.note(path, `${name} ${problem}`);
  if (problems.some((problem) => problem.includes("outside")))
    report.refuse(path, `${name} has no circuit breaker now`);
  reportRest(context, resource, name);
  const credentials = importCredentials(context, resource, name);
  return { resource, name, url: environments.vary(`${name}-url`, new Map(urls)), breaker: settings, credentials };
}

/** A backend here always verifies certificates. */
function reportRest({ report }: Import, { path, information }: Resource, name: string): void {
  const tls = information.inner("tls");
  if (tls.flag("validateCertificateChain") === false || tls.flag("validateCertificateName") === false) {
    report.refuse(path, `${name} leaves certificates unverified: here they are verified; name its authority by ca`);
  }
  if (information.inner("proxy").names().length > 0) report.refuse(path, `${name} is reached through a proxy`);
}

function importPool(context: Import, { id, path, information }: Resource, singles: readonly ReadBackend[]): void {
  const { report, draft } = context;
  const name = context.backends.give(id);
  const services = information.inner("pool").inners("services");
  const members = services.flatMap((service) => {
    const member = singles.find((one) => one.name === context.backends.find(idOf(service.text("id") ?? "")));
    if (member === undefined)
      report.refuse(
        path,
        `${name} has the member ${service.text("id") ?? ""}, which is no single backend of the folder`,
      );
    return member === undefined ? [] : [{ member, service }];
  });
  if (members.length === 0) {
    report.refuse(path, `the pool ${name} has no members that could be used: it is left out`);
    return;
  }
  // Priorities begin with 0 there and with 1 here.
  const shift = members.some(({ service }) => service.number("priority") === 0) ? 1 : 0;
  const settings = { targets: members.map(({ member, service }) => targetOf(member.name, service, shift)) };
  draft.put("backends", name, settings, [path]);
  report.map(path, `backends.${name}`);
}

/** Credentials and circuit breakers are the members' own, as there. */
function targetOf(backend: string, service: Information, shift: number): Setting {
  const weight = Math.min(service.number("weight") ?? 0, 1000);
  const priority = service.number("priority");
  return {
    backend,
    ...(weight > 0 ? { weight } : {}),
    ...(priority === undefined ? {} : { priority: Math.min(priority + shift, 100) }),
  };
}

/** The service behind an API, where it is no backend of its own: one for all APIs that have the same. */
export class ServiceBackends {
  readonly #byUrl = new Map<string, string>();

  /** @returns the backend's name */
  use(context: Import, api: string, id: string, information: Information, path: string): string | undefined {
    const { environments, report, draft } = context;
    const found = environments.names.map((environment) => {
      const own = information.with(environments.override(environment, "apis", id));
      const text = own.text("serviceUrl");
      return [environment, text === undefined ? undefined : backendUrl(text)] as const;
    });
    if (found.every(([, url]) => url === undefined)) return undefined;
    for (const [, url] of found)
      if (url?.problem !== undefined) report.need(`${api}.serviceUrl`, path, `its serviceUrl ${url.problem}`);
    const urls = new Map(found.map(([environment, url]) => [environment, url?.url ?? ""]));
    const key = JSON.stringify([...urls, kindOf(information)]);
    const known = this.#byUrl.get(key);
    if (known !== undefined) return known;
    const name = context.backends.give(`${api}-service`);
    const url = environments.vary(`${name}-url`, urls);
    const isGrpc = kindOf(information) === "grpc";
    const protocol = isGrpc ? { protocol: [...urls.values()][0]?.startsWith("https:") === true ? "h2" : "h2c" } : {};
    draft.put("backends", name, { ...withHost(url), ...protocol }, [`serviceUrl of ${path}`]);
    this.#byUrl.set(key, name);
    return name;
  }
}

/** HTTP unless it says otherwise. */
export function kindOf(information: Information): string {
  return (information.text("type") ?? information.text("apiType") ?? "http").toLowerCase();
}
