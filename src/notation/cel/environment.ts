import { Environment } from "@marcbachmann/cel-js";
import { lastErrorFields, subscriptionFields } from "./activation.ts";
import { CertificateView, certificateFields } from "./certificate-view.ts";
import { parserLimits } from "./limits.ts";
import { captureMacro, matchesMacro, replaceMatchesMacro } from "./matches.ts";
import { inNetworkMacro } from "./networks.ts";
import { PrincipalView, principalFields } from "./principal-view.ts";
import { receivedFields, ReceivedResponseView } from "./received-response-view.ts";
import { RequestView, requestFields } from "./request-view.ts";
import { responseFields, ResponseView } from "./response-view.ts";
import { registerZonedAccessors } from "./zoned-accessors.ts";

/**
 * Variables that may be null. The library has no nullable types, so they are dynamic to it, and their fields are
 * checked by {@link sourceProblem}.
 */
export const nullableFields: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map<
  string,
  Readonly<Record<string, string>>
>([
  ["subscription", subscriptionFields],
  ["response", responseFields],
  ["lastError", lastErrorFields],
]);

/** What expressions can name. An undeclared variable, or a field that a declared one lacks, is an error when checked. */
export const environment: Environment = createEnvironment();

function createEnvironment(): Environment {
  const made = new Environment({ enableOptionalTypes: true, limits: parserLimits })
    .registerType("Request", { ctor: RequestView, fields: { ...requestFields } })
    .registerType("Certificate", { ctor: CertificateView, fields: { ...certificateFields } })
    .registerType("Principal", { ctor: PrincipalView, fields: { ...principalFields } })
    .registerType("Response", { ctor: ResponseView, fields: { ...responseFields } })
    .registerType("ReceivedResponse", { ctor: ReceivedResponseView, fields: { ...receivedFields } })
    .registerVariable("request", "Request")
    .registerVariable("principal", "Principal")
    .registerVariable("product", "string")
    .registerVariable("api", "string")
    .registerVariable("operation", "string")
    .registerVariable("parameters", "map<string, string>")
    .registerVariable("variables", "map<string, dyn>")
    .registerVariable("now", "google.protobuf.Timestamp");
  for (const name of nullableFields.keys()) made.registerVariable(name, "dyn");
  // A macro catches every call of its name and argument count, whatever the receiver; declaring it for a receiver
  // the built-in is not declared for is what lets it stand beside the built-in without being taken for an overlap.
  made
    .registerFunction("list.matches(ast): bool", matchesMacro)
    .registerFunction("list.capture(ast, ast): string", captureMacro)
    .registerFunction("list.replaceMatches(ast, ast): string", replaceMatchesMacro)
    .registerFunction("list.inNetwork(ast): bool", inNetworkMacro);
  return registerZonedAccessors(made);
}
