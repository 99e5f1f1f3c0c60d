import { type Export, putInformation } from "./export.ts";
import { putSecretValue } from "./named-values.ts";

/** Where `log-to-eventhub` sends to. A connection string is a secret: its text stays here. */
export function exportLoggers(context: Export): void {
  for (const { name, url, sender } of context.definition.loggers) {
    const path = `loggers/${name}/loggerInformation.json`;
    const [, hub = ""] = /^https?:\/\/[^/]+\/([^/?]+)/.exec(url) ?? [];
    if (sender === null) {
      context.report.leave(`loggers.${name}`, "sends to an address of its own, which API Management does not");
      continue;
    }
    const isKey = !("clientId" in sender);
    const credentials = isKey
      ? { name: hub, connectionString: putSecretValue(context, `logger-${name}-connection`) }
      : {
          name: hub,
          endpointAddress: new URL(url).host,
          identityClientId: sender.clientId === "" ? "SystemAssigned" : sender.clientId,
        };
    putInformation(context, path, { loggerType: "azureEventHub", credentials });
    context.report.map(`loggers.${name}`, path);
  }
}
