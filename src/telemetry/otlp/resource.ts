import { attributesOf } from "./values.ts";

/** Who says all this. */
export interface ResourceFacts {
  readonly serviceName: string;
  readonly version: string;
  readonly node: string;
  readonly environment: string;
  readonly more: readonly { readonly name: string; readonly value: string }[];
}

export const scope = { name: "sallyport" } as const;

export function resourceOf({ serviceName, version, node, environment, more }: ResourceFacts): object {
  const own = {
    "service.name": serviceName,
    "service.version": version,
    "service.instance.id": node,
    "host.name": node,
    "deployment.environment.name": environment,
    "telemetry.sdk.name": "sallyport",
    "telemetry.sdk.language": "nodejs",
    "telemetry.sdk.version": version,
  };
  return { attributes: attributesOf({ ...own, ...Object.fromEntries(more.map(({ name, value }) => [name, value])) }) };
}
