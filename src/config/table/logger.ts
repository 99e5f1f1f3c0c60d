import { parseServiceUrl } from "#config/checks/urls.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface LoggerInput {
  readonly url: string | undefined;
  readonly authorization: SecretSource | undefined;
  readonly contentType: string;
}

export const loggerShape: ObjectShape<LoggerInput> = object<LoggerInput>("a logger", {
  url: {
    shape: text("a URL", parseServiceUrl),
    about: "Where each event is sent, with POST; of Event Hubs https://<namespace>/<hub>/messages.",
    required: true,
  },
  authorization: { shape: secret, about: "Value of the Authorization field." },
  contentType: { shape: anyText, about: "Content-Type of the events.", default: "text/plain; charset=utf-8" },
});
