import { parseServiceUrl } from "#config/checks/urls.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type SecretSource, secret, type TextSource, textOrSecret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";
import { type EventHubInput, eventHubShape } from "./event-hub.ts";

export interface InsightsInput {
  readonly connectionString: TextSource | undefined;
  readonly identityClientId: string | undefined;
}

export interface LoggerInput {
  readonly url: string | undefined;
  readonly eventHub: Located<EventHubInput> | undefined;
  readonly applicationInsights: InsightsInput | undefined;
  readonly authorization: SecretSource | undefined;
  readonly contentType: string;
}

const insightsShape = object<InsightsInput>("applicationInsights", {
  connectionString: { shape: textOrSecret, about: "InstrumentationKey=…;IngestionEndpoint=https://…/", required: true },
  identityClientId: {
    shape: anyText,
    about: "The gateway's own identity writes, where keys are not enough: SystemAssigned, or the client id of another.",
  },
});

export const loggerShape: ObjectShape<LoggerInput> = object<LoggerInput>("a logger", {
  url: { shape: text("a URL", parseServiceUrl), about: "Where each event is sent, with POST." },
  eventHub: { shape: located(eventHubShape), about: "A hub of Azure Event Hubs, instead of url." },
  applicationInsights: {
    shape: insightsShape,
    about: "An instance of Application Insights, instead of url: for diagnostics.",
  },
  authorization: { shape: secret, about: "Value of the Authorization field." },
  contentType: { shape: anyText, about: "Content-Type of the events.", default: "text/plain; charset=utf-8" },
});
