import { parseServiceUrl } from "#config/checks/urls.ts";
import { parseHeaderName } from "#config/checks/words.ts";
import { choice } from "#config/shapes/choice.ts";
import { list, oneOrMore } from "#config/shapes/list.ts";
import { duration, integer } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, type Parsed, text } from "#config/shapes/text.ts";
import { parseAddress } from "./announcements.ts";
import { type RotationInput, rotationShape } from "./rotation.ts";

export interface ApimKeysInput {
  readonly endpoint: string;
  readonly azureSubscription: string | undefined;
  readonly resourceGroup: string | undefined;
  readonly service: string | undefined;
  readonly subscription: string | undefined;
  readonly clientId: string | undefined;
}

export interface MakerInput {
  readonly command: readonly string[];
  readonly apiManagement: ApimKeysInput | undefined;
}

export interface TrialInput {
  readonly url: string | undefined;
  readonly method: "GET" | "HEAD";
  readonly header: string | undefined;
  readonly scheme: string | undefined;
  readonly query: string | undefined;
  readonly expect: readonly number[];
  readonly timeout: number;
  readonly backend: Located<string> | undefined;
}

export interface SecretRotationInput {
  readonly secret: SecretSource | undefined;
  readonly rotation: RotationInput | undefined;
  readonly by: Located<MakerInput> | undefined;
  readonly trial: Located<TrialInput> | undefined;
  readonly mailTo: readonly string[];
}

const azureName = (what: string): ReturnType<typeof text<string>> =>
  text(what, (value) =>
    /^[A-Za-z0-9][A-Za-z0-9._()-]{0,255}$/.test(value)
      ? { value }
      : { problem: `${value} is no name in Azure`, fix: `write the ${what}` },
  );

const url = text("a URL", (value) => {
  const parsed = URL.parse(value);
  const isUrl = /^https?:\/\/[^\s\\#]+$/i.test(value) && parsed !== null && parsed.username === "";
  return isUrl
    ? { value: parsed.href }
    : { problem: `${value} is no http or https URL`, fix: "write https://host/path" };
});

/** The gateway's own token and new keys go there. */
function parseEndpoint(written: string): Parsed<string> {
  const parsed = parseServiceUrl(written);
  return "problem" in parsed ? parsed : { value: parsed.value.replace(/\/$/, "") };
}

const apimKeysShape = object<ApimKeysInput>("apiManagement", {
  endpoint: {
    shape: text("a URL", parseEndpoint),
    about: "The management API: https, or http on this machine.",
    default: "https://management.azure.com",
  },
  azureSubscription: { shape: azureName("subscription id"), about: "Id of the Azure subscription.", required: true },
  resourceGroup: { shape: azureName("resource group"), about: "Resource group of the service.", required: true },
  service: { shape: azureName("service"), about: "Name of the API Management service.", required: true },
  subscription: {
    shape: azureName("sid"),
    about: "Id (sid) of its subscription, whose primary and secondary key are used in turn.",
    required: true,
  },
  clientId: { shape: anyText, about: "Client id of a user-assigned identity; the system's own when absent." },
});

const makerShape = object<MakerInput>("by", {
  command: {
    shape: list(anyText, 1),
    about: "A program and its arguments; it is called with make, and prints the new secret, and with drop.",
    default: [],
  },
  apiManagement: { shape: apimKeysShape, about: "Keys of a subscription of Azure API Management." },
});

const trialShape = object<TrialInput>("trial", {
  url: {
    shape: url,
    about: "What is asked with the new secret, such as a health check that needs it.",
    required: true,
  },
  method: { shape: choice(["GET", "HEAD"]), about: "Method: none that changes anything.", default: "GET" },
  header: { shape: text("the name of a header field", parseHeaderName), about: "Header field that it stands in." },
  scheme: { shape: anyText, about: "What stands in front of it in the header, with a blank: Bearer." },
  query: { shape: anyText, about: "Parameter of the query that it stands in, instead of a header." },
  expect: { shape: oneOrMore(integer(100, 599)), about: "Statuses that say that it is good.", default: [200] },
  timeout: { shape: duration(10, 600_000), about: "Time until the answer.", default: 10_000 },
  backend: {
    shape: located(anyText),
    about: "A backend that `url` is of, for its ca and the client certificate of its tls.",
  },
});

export const secretRotationShape: ObjectShape<SecretRotationInput> = object<SecretRotationInput>("secretRotations", {
  secret: {
    shape: secret,
    about: "The secret: where the definition uses it, it names the same place.",
    required: true,
  },
  rotation: { shape: rotationShape, about: "When it is due: 90d, or every, grace and notice.", required: true },
  by: { shape: located(makerShape), about: "Who makes a new one; when absent people are told when it is due." },
  trial: { shape: located(trialShape), about: "How a new one is tried before it is used; needed with by." },
  mailTo: {
    shape: list(text("an e-mail address", parseAddress)),
    about: "Who is written to when it is due, changed, or could not be (announcements.email).",
    default: [],
  },
});
