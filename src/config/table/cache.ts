import { parseCacheUrl } from "#config/checks/cache-url.ts";
import { duration, size } from "#config/shapes/numbers.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { anyText, text } from "#config/shapes/text.ts";

const mib = 1024 * 1024;

export interface ExternalCacheInput {
  readonly url: string | undefined;
  readonly username: string | undefined;
  readonly password: SecretSource | undefined;
  readonly prefix: string;
  readonly timeout: number;
  readonly ca: Located<string> | undefined;
}

export interface CacheInput {
  readonly size: number;
  readonly entrySize: number;
  readonly external: Located<ExternalCacheInput> | undefined;
}

const externalShape = object<ExternalCacheInput>("an external cache", {
  url: {
    shape: text("a URL", parseCacheUrl),
    about: "rediss://host[:6379][/database], or redis:// without TLS.",
    required: true,
  },
  username: { shape: anyText, about: "User (ACL); the default one when absent." },
  password: { shape: secret, about: "Password, or access key." },
  prefix: {
    shape: text("a prefix", (given) =>
      /^[\x21-\x7e]{1,128}$/.test(given)
        ? { value: given }
        : { problem: "a prefix has 1 to 128 printable ASCII characters without spaces", fix: "write sallyport:" },
    ),
    about: "What all keys begin with. Gateways with the same one share what they keep.",
    default: "sallyport:",
  },
  timeout: {
    shape: duration(10, 60_000),
    about: "Longest that a request waits for it; what has not come by then is a miss.",
    default: 500,
  },
  ca: {
    shape: located(anyText),
    about: "PEM file of the authority of its certificate, where the machine trusts none.",
  },
});

export const cacheShape: ObjectShape<CacheInput> = object<CacheInput>("cache", {
  size: { shape: size(mib, 65_536 * mib), about: "Size of everything that is kept in memory.", default: 64 * mib },
  entrySize: { shape: size(1024, 1024 * mib), about: "Size of the largest entry.", default: mib },
  external: {
    shape: located(externalShape),
    about: "A server that speaks Redis's protocol, which several gateways share; used unless a policy says internal.",
  },
});
