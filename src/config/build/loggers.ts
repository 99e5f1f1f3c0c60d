import type { Logger } from "#model/definition.ts";
import type { Secret } from "#model/secret.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { LoggerInput } from "#config/table/logger.ts";

const fieldValue = /^[\x20-\x7e]{1,8192}$/;

export function buildLoggers(
  loggers: readonly Named<LoggerInput>[],
  resources: Resources,
  problems: Problems,
): readonly Logger[] {
  return loggers.map(({ name, at, value }) => {
    const { url = "", authorization, contentType } = value;
    const secret = authorization === undefined ? undefined : resources.secrets.get(authorization);
    if (secret !== undefined && !fieldValue.test(secret.reveal())) {
      const message = `the authorization of ${name} from ${secret.origin} cannot stand in a header`;
      problems.error("value-invalid", authorization?.at ?? at, message, "use printable ASCII without line ends");
    }
    if (!fieldValue.test(contentType)) {
      problems.error("value-invalid", at, `the contentType of ${name} cannot stand in a header`);
    }
    return { name, url, authorization: marked(secret), contentType, at };
  });
}

function marked(secret: Secret | undefined): Logger["authorization"] {
  return secret === undefined ? null : { secret: true, value: secret.reveal() };
}
