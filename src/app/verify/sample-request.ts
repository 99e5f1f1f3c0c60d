import type { Api, Definition, Operation } from "#model/definition.ts";
import { joinTemplate, parseTemplate, type TemplateSegment } from "#compile/template.ts";

/** A request that an operation would take, with a name that nothing has. */
export interface SampleRequest {
  readonly method: string;
  readonly url: string;
}

/** No backend has a thing of this name: a request that should have been refused, and was not, finds nothing there. */
const filler = "sallyport-verify";

export function sampleRequest({ edge }: Definition, api: Api, operation: Operation): SampleRequest {
  const scheme = edge.tls === "off" ? "http" : "https";
  const path = parseTemplate(joinTemplate(api.path, operation.template)).map(sampleSegment).join("");
  const query = (operation.query ?? []).map(({ key, text }) => `${key}=${text ?? filler}`).join("&");
  const target = `${path === "" ? "/" : path}${query === "" ? "" : `?${query}`}`;
  return {
    method: operation.method === "*" ? "GET" : operation.method,
    url: `${scheme}://${sampleHost(api)}${target}`,
  };
}

function sampleHost({ hosts }: Api): string {
  return (hosts[0] ?? "localhost").replace(/^\*/, "verify");
}

function sampleSegment(segment: TemplateSegment): string {
  switch (segment.kind) {
    case "literal":
      return `/${segment.text}`;
    case "parameter":
    case "rest":
      return `/${filler}`;
    case "pattern":
      return `/${segment.texts.join(filler)}`;
  }
}
