import type { Logger } from "#model/definition.ts";
import type { InsightsLogger } from "#model/diagnostics.ts";
import type { MarkedSecret } from "#model/marked-secret.ts";
import type { Problems } from "#notation/problems.ts";
import { parseEventHubConnection } from "#config/checks/event-hub.ts";
import { parseInsightsConnection } from "#config/checks/insights-connection.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { SecretSource, TextSource } from "#config/shapes/secret.ts";
import type { Located } from "#config/shapes/shape.ts";
import type { EventHubInput } from "#config/table/event-hub.ts";
import type { LoggerInput } from "#config/table/logger.ts";
import { marked } from "./marked.ts";

const fieldValue = /^[\x20-\x7e]{1,8192}$/;

/** Which of its secrets have to be fetched. */
export function loggerSources(logger: LoggerInput): readonly (SecretSource | undefined)[] {
  const { authorization, eventHub, applicationInsights } = logger;
  return [authorization, ...eventHubSources(eventHub?.value), secretOf(applicationInsights?.connectionString)];
}

export function eventHubSources(hub: EventHubInput | undefined): readonly (SecretSource | undefined)[] {
  return [secretOf(hub?.connection)];
}

function secretOf(source: TextSource | undefined): SecretSource | undefined {
  return source?.kind === "plain" ? undefined : source;
}

export function buildLoggers(
  loggers: readonly Named<LoggerInput>[],
  resources: Resources,
  problems: Problems,
): readonly Logger[] {
  return loggers.flatMap(({ name, at, value }) => {
    const { url, authorization, eventHub, applicationInsights, contentType } = value;
    const secret = authorization === undefined ? undefined : resources.secrets.get(authorization);
    if (secret !== undefined && !fieldValue.test(secret.reveal())) {
      const message = `the authorization of ${name} from ${secret.origin} cannot stand in a header`;
      problems.error("value-invalid", authorization?.at ?? at, message, "use printable ASCII without line ends");
    }
    if (!fieldValue.test(contentType)) {
      problems.error("value-invalid", at, `the contentType of ${name} cannot stand in a header`);
    }
    const places = [url, eventHub, applicationInsights].filter((one) => one !== undefined);
    if (places.length !== 1) {
      const message = `the logger ${name} says ${places.length === 0 ? "nowhere" : "twice"} where events go`;
      problems.error("value-invalid", at, message, "write one of url, eventHub and applicationInsights");
    }
    if (applicationInsights !== undefined) return [];
    const hub = eventHub === undefined ? undefined : hubOf(name, eventHub, resources, problems);
    const place = { url: hub?.url ?? url ?? "", sender: hub?.sender ?? null };
    return { name, ...place, authorization: secret === undefined ? null : marked(secret), contentType, at };
  });
}

/** Those that diagnostics name; policies cannot send to them. */
export function buildInsights(
  loggers: readonly Named<LoggerInput>[],
  { secrets }: Resources,
  problems: Problems,
): readonly InsightsLogger[] {
  return loggers.flatMap(({ name, value: { applicationInsights } }) => {
    const source = applicationInsights?.connectionString;
    const text = source?.kind === "plain" ? source.value : source && secrets.get(source)?.reveal();
    // What could not be had has been reported.
    if (source === undefined || text === undefined) return [];
    const parsed = parseInsightsConnection(text);
    if ("problem" in parsed) problems.error("value-invalid", source.at, `${name}: ${parsed.problem}`, parsed.fix);
    // Whoever reads without secrets is told of the logger all the same.
    const { key, endpoint, audience } = "value" in parsed ? parsed.value : { key: "", endpoint: "", audience: "" };
    const clientId = applicationInsights?.identityClientId;
    const identity = clientId === undefined ? null : { audience, clientId: isSystem(clientId) ? "" : clientId };
    return [{ name, endpoint, key: { ...originOf(source, secrets), secret: true, value: key }, identity }];
  });
}

function isSystem(clientId: string): boolean {
  return /^systemAssigned$/i.test(clientId);
}

/** @see the REST API of Event Hubs, "Send event" */
export function hubOf(
  name: string,
  { at, value }: Located<EventHubInput>,
  resources: Resources,
  problems: Problems,
): Pick<Logger, "url" | "sender"> | undefined {
  const { connection, namespace, clientId = "" } = value;
  if ((connection === undefined) === (namespace === undefined)) {
    problems.error("value-invalid", at, `the hub of ${name} is not said by one of connection and namespace`);
    return undefined;
  }
  if (connection === undefined) {
    const url = urlOf(`https://${namespace ?? ""}`, value.name, name, at, problems);
    return url === undefined ? undefined : { url, sender: { clientId } };
  }
  const text = connection.kind === "plain" ? connection.value : resources.secrets.get(connection)?.reveal();
  // What could not be had has been reported.
  if (text === undefined) return undefined;
  const parsed = parseEventHubConnection(text);
  const origin = originOf(connection, resources.secrets);
  if ("problem" in parsed) {
    problems.error("value-invalid", connection.at, `${name}: ${parsed.problem}`, parsed.fix);
    // Whoever reads without secrets is told that it is a hub, and of its name where that stands beside them.
    const url = `https://hub.invalid/${encodeURIComponent(value.name ?? "")}/messages`;
    return { url, sender: { name: "", ...origin, secret: true, value: "" } };
  }
  const { url: base, hub, keyName, key } = parsed.value;
  const url = urlOf(base, value.name ?? hub, name, at, problems);
  return url === undefined ? undefined : { url, sender: { name: keyName, ...origin, secret: true, value: key } };
}

function urlOf(
  base: string,
  hub: string | undefined,
  name: string,
  at: Located<EventHubInput>["at"],
  problems: Problems,
): string | undefined {
  if (hub !== undefined && hub !== "") return `${base}/${encodeURIComponent(hub)}/messages`;
  problems.error("key-missing", at, `${name} does not say which hub`, "add name");
  return undefined;
}

/** A key that is part of a text stands where the text does. */
function originOf(source: TextSource, secrets: Resources["secrets"]): Pick<MarkedSecret, "origin"> {
  const origin = source.kind === "plain" ? undefined : secrets.get(source)?.origin;
  return origin === undefined ? {} : { origin };
}
