import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type TextSource, textOrSecret } from "#config/shapes/secret.ts";
import { anyText, text } from "#config/shapes/text.ts";

export interface EventHubInput {
  readonly name: string | undefined;
  readonly connection: TextSource | undefined;
  readonly namespace: string | undefined;
  readonly clientId: string | undefined;
}

const host = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

/** Which of connection and namespace is there is checked where loggers are put together. */
export const eventHubShape: ObjectShape<EventHubInput> = object<EventHubInput>("an event hub", {
  name: { shape: anyText, about: "Name of the hub; the EntityPath of the connection when absent." },
  connection: { shape: textOrSecret, about: "Connection string of a shared access policy that may send." },
  namespace: {
    shape: text("a host", (given) =>
      host.test(given) ? { value: given } : { problem: "this is no host", fix: "write <name>.servicebus.windows.net" },
    ),
    about: "Host of the namespace, instead of a connection: the gateway's own identity sends.",
  },
  clientId: { shape: anyText, about: "Client id of a user-assigned identity; the system's own when absent." },
});
