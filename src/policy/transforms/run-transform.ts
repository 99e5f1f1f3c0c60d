import type { XsdValidator } from "libxml2-wasm";
import { atOnce } from "#lib/slices.ts";
import { GatewayError } from "#model/errors.ts";
import type { DescribedSchema } from "#model/operation-description.ts";
import { compileXsd } from "#notation/xsd/compile-xsd.ts";
import { loadXsd, type Xsd } from "#notation/xsd/library.ts";
import { soapDocuments } from "#notation/xsd/soap-documents.ts";
import { validateXml, XsdGaveUp } from "#notation/xsd/validate-xml.ts";
import { readStylesheet } from "#notation/xslt/read-stylesheet.ts";
import type { Stylesheet } from "#notation/xslt/stylesheet.ts";
import { decodeBytes } from "#policy/charset.ts";
import { runQueryCheck } from "#policy/graphql/check-beside.ts";
import { jsonProblem } from "#policy/validation/json-problem.ts";
import { convertJson, convertXml } from "./conversions.ts";
import type { GraphqlSource, StylesheetSource, TransformJobs, XmlSchemaSource } from "./jobs.ts";
import { applyStylesheet } from "./stylesheets.ts";
import { ownBytes } from "./transforms.ts";

type Job<Name extends keyof TransformJobs> = (
  request: TransformJobs[Name]["request"],
  asset: object | undefined,
) => TransformJobs[Name]["response"] | Promise<TransformJobs[Name]["response"]>;

const jobs: { readonly [Name in keyof TransformJobs]: Job<Name> } = {
  "xml-to-json": ({ body, charset, settings }) => encode(atOnce(convertXml(decodeBytes(body, charset), settings))),
  "json-to-xml": ({ body, charset, settings }) => encode(atOnce(convertJson(decodeBytes(body, charset), settings))),
  "xsl-transform": ({ body, charset, parameters, limits }, asset) => {
    const stylesheet = stylesheetOf(asset as StylesheetSource);
    const made = atOnce(applyStylesheet(stylesheet, decodeBytes(body, charset), parameters, limits));
    return { body: ownBytes(made.body), method: made.method };
  },
  "json-schema": ({ body, charset, rules }, asset) =>
    jsonProblem(decodeBytes(body, charset), (asset as DescribedSchema | undefined) ?? null, rules) ?? null,
  "graphql-query": (request, asset) => runQueryCheck(request, asset as GraphqlSource | undefined),
  "xml-schema": ({ body, charset }, asset) => checkXml(decodeBytes(body, charset), asset as XmlSchemaSource),
};

/** Does one job, at one stretch: for a thread that serves nobody. @throws GatewayError */
export function runTransform(name: string, request: unknown, asset: unknown): unknown {
  if (!Object.hasOwn(jobs, name)) throw new GatewayError("internal", 500, `there is no transform ${name}`);
  const job = jobs[name as keyof TransformJobs] as (request: unknown, asset: unknown) => unknown;
  return job(request, asset);
}

/** An asset comes once and stays the same object. */
const stylesheets = new WeakMap<StylesheetSource, Stylesheet>();

function stylesheetOf(source: StylesheetSource): Stylesheet {
  let stylesheet = stylesheets.get(source);
  if (stylesheet === undefined) stylesheets.set(source, (stylesheet = readStylesheet(source.stylesheet)));
  return stylesheet;
}

const validators = new WeakMap<XmlSchemaSource, XsdValidator>();

async function checkXml(text: string, source: XmlSchemaSource): Promise<string | null> {
  const xsd = await loadXsd();
  let validator = validators.get(source);
  if (validator === undefined) validators.set(source, (validator = compiled(xsd, source)));
  try {
    return validateXml(xsd, validator, text, source.soap !== undefined) ?? null;
  } catch (error) {
    if (error instanceof XsdGaveUp) throw new GatewayError("transform-stopped", 500, `xml-schema: ${error.message}`);
    throw error;
  }
}

function compiled({ libxml2 }: Xsd, { documents, namespace, soap }: XmlSchemaSource): XsdValidator {
  if (soap === undefined) return compileXsd(libxml2, documents);
  const envelopes = soapDocuments(documents, namespace, soap);
  return compileXsd(libxml2, envelopes.documents, envelopes.main);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
