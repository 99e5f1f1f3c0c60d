import { Buffer } from "node:buffer";
import type { Steps } from "#lib/slices.ts";
import { XPathProblem } from "#notation/xpath/problem.ts";
import { TransformFailure } from "#notation/xslt/failure.ts";
import type { Output, Stylesheet } from "#notation/xslt/stylesheet.ts";
import { transform, type TransformLimits } from "#notation/xslt/transform.ts";
import { expressionFailed } from "#policy/failure.ts";
import type { TransformJobs } from "./jobs.ts";

/** @throws GatewayError `expression-failed`, which tells nothing of the document */
export function* applyStylesheet(
  stylesheet: Stylesheet,
  text: string,
  parameters: ReadonlyMap<string, string>,
  limits: TransformLimits,
): Steps<TransformJobs["xsl-transform"]["response"]> {
  try {
    const written = yield* transform(stylesheet, text, parameters, limits);
    return { body: encode(written.text, stylesheet.output.encoding), method: written.method };
  } catch (error) {
    if (error instanceof TransformFailure || error instanceof XPathProblem) throw expressionFailed(error.message);
    throw error;
  }
}

function encode(text: string, encoding: Output["encoding"]): Buffer {
  switch (encoding) {
    case "utf-8":
      return Buffer.from(text);
    case "utf-16":
      // The mark says which byte comes first.
      return Buffer.from(`\ufeff${text}`, "utf16le");
    case "iso-8859-1":
      return Buffer.from(text.replaceAll(/[^\u0000-\u00ff]/gu, "?"), "latin1"); // oxlint-disable-line no-control-regex
    case "us-ascii":
      return Buffer.from(text.replaceAll(/[^\u0000-\u007f]/gu, "?"), "latin1"); // oxlint-disable-line no-control-regex
  }
}
