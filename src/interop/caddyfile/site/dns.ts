import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { isPlain } from "#interop/caddyfile/words/text.ts";
import type { Site } from "./site.ts";

type Settings = Readonly<Record<string, unknown>>;

/** What a provider's module is told, by name; `""` is what stands behind the provider itself. */
type Written = ReadonlyMap<string, string>;

/** Asks for what cannot be taken over. */
interface Asking {
  /** A secret: read from where the Caddyfile reads it, or from a variable of its own; never copied. */
  readonly secret: (names: readonly string[], variable: string) => Settings;
  /** @returns the text, or a value of the definition that is still to be given */
  readonly text: (name: string, value: string) => string;
}

interface Provider {
  /** Options of its module that mean something here. */
  readonly options: readonly string[];
  readonly settings: (written: Written, asking: Asking) => Settings;
}

/** Providers that are built in, as their modules of Caddy are told. */
const providers: Readonly<Record<string, Provider>> = {
  cloudflare: {
    options: ["api_token"],
    settings: (_written, { secret }) => ({ token: secret(["", "api_token"], "CLOUDFLARE_TOKEN") }),
  },
  route53: {
    options: ["access_key_id", "secret_access_key", "session_token", "hosted_zone_id"],
    settings: (written, { secret }) => {
      const zone = written.get("hosted_zone_id");
      return {
        accessKeyId: secret(["access_key_id"], "AWS_ACCESS_KEY_ID"),
        secretAccessKey: secret(["secret_access_key"], "AWS_SECRET_ACCESS_KEY"),
        ...(written.has("session_token") ? { sessionToken: secret(["session_token"], "AWS_SESSION_TOKEN") } : {}),
        ...(zone !== undefined && isPlain(zone) ? { hostedZone: zone } : {}),
      };
    },
  },
  azure: {
    options: ["tenant_id", "client_id", "client_secret", "subscription_id", "resource_group_name"],
    settings: (_written, { secret, text }) => ({
      tenant: text("tenant_id", "azure-tenant"),
      clientId: text("client_id", "azure-client-id"),
      clientSecret: secret(["client_secret"], "AZURE_CLIENT_SECRET"),
      subscription: text("subscription_id", "azure-subscription"),
      resourceGroup: text("resource_group_name", "azure-resource-group"),
      zone: text("zone", "azure-zone"),
    }),
  },
  rfc2136: {
    options: ["server", "key_name", "key_alg", "key"],
    settings: (written, { secret, text }) => ({
      server: text("server", "dns-server"),
      ...(written.has("key_name")
        ? {
            tsig: {
              name: text("key_name", "dns-key-name"),
              secret: secret(["key"], "DNS_TSIG_KEY"),
              ...algorithmOf(written),
            },
          }
        : {}),
    }),
  },
};

function algorithmOf(written: Written): Settings {
  const name = written.get("key_alg")?.replace(/\.$/, "").toLowerCase();
  return name === undefined ? {} : { algorithm: name };
}

const algorithms: ReadonlySet<string> = new Set(["hmac-sha256", "hmac-sha384", "hmac-sha512"]);

/** A provider that is not built in is a command of one's own. */
export function readDns(provider: string, line: Line, { draft, report }: Pick<Site, "draft" | "report">): void {
  const known = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  const before = draft.acme["dns"] as Settings | undefined;
  const kept = Object.fromEntries(
    Object.entries(before ?? {}).filter(([key]) => key === "resolvers" || key === "timeout"),
  );
  const chosen = known === undefined ? "command" : provider;
  if (before !== undefined && Object.keys(before).length > Object.keys(kept).length && before[chosen] === undefined) {
    report.say("value-unsupported", line.name, "two DNS providers: one sets the records of all names");
    return;
  }
  if (known === undefined) {
    draft.acme["dns"] = { ...kept, command: ["/etc/sallyport/dns-hook", provider] };
    report.say("needs-value", line.name, `a command that sets DNS records at ${provider}: /etc/sallyport/dns-hook`);
    return;
  }
  const written = writtenIn(line, provider);
  for (const one of line.block ?? []) {
    const { text } = one.name;
    if (!known.options.includes(text)) report.say("own-way", one.name, `dns ${provider} ${text}`);
  }
  const { algorithm } = algorithmOf(written);
  if (algorithm !== undefined && !algorithms.has(String(algorithm)))
    report.say(
      "value-unsupported",
      line.name,
      `dns ${provider} key_alg ${String(algorithm)}: use hmac-sha256 or longer`,
    );
  const wanted: string[] = [];
  draft.acme["dns"] = { ...kept, [provider]: known.settings(written, asking(written, wanted, draft)) };
  report.say("needs-value", line.name, `of ${provider}: ${wanted.join(", ")}`);
}

/** `acme_dns` may name a provider that a line elsewhere does: then its words are no provider's. */
function writtenIn({ args, block }: Line, provider: string): Written {
  const [, word] = args[0]?.text === provider ? args : [undefined, undefined];
  const options = (block ?? []).flatMap(({ name, args: [value] }) =>
    value === undefined ? [] : [[name.text, value.text] as const],
  );
  return new Map([...(word === undefined ? [] : [["", word.text] as const]), ...options]);
}

function asking(written: Written, wanted: string[], draft: Site["draft"]): Asking {
  const first = (names: readonly string[]): string =>
    names.map((name) => written.get(name)).find((text) => text !== undefined) ?? "";
  return {
    secret: (names, variable) => {
      const [, place, name] = /^\{(env|file)\.([^{}]+)\}$/.exec(first(names)) ?? [];
      const source = place === "file" ? { file: name } : { env: name ?? variable };
      wanted.push(place === "file" ? `the file ${name}` : `the variable ${name ?? variable}`);
      return source;
    },
    text: (name, value) => {
      const text = written.get(name);
      // A name from the root on is written without its last dot.
      if (text !== undefined && isPlain(text)) return text.replace(/\.$/, "");
      draft.values.set(value, "");
      wanted.push(`the value ${value}`);
      return `{{${value}}}`;
    },
  };
}

export function dnsSetting({ draft }: Pick<Site, "draft">, key: string, value: unknown): void {
  if (value === undefined) return;
  draft.acme["dns"] = { ...(draft.acme["dns"] as Settings | undefined), [key]: value };
}
