import type { LinkPolicy } from "./context.ts";
import { link as authenticationBasic } from "./policies/authentication-basic.ts";
import { link as authenticationCertificate } from "./policies/authentication-certificate.ts";
import { link as authenticationManagedIdentity } from "./policies/authentication-managed-identity.ts";
import { link as cacheLookup } from "./policies/cache-lookup.ts";
import { link as cacheLookupValue } from "./policies/cache-lookup-value.ts";
import { link as cacheRemoveValue } from "./policies/cache-remove-value.ts";
import { link as cacheStore } from "./policies/cache-store.ts";
import { link as cacheStoreValue } from "./policies/cache-store-value.ts";
import { link as cacheValue } from "./policies/cache-value.ts";
import { link as checkHeader } from "./policies/check-header.ts";
import { link as choose } from "./policies/choose.ts";
import { link as cors } from "./policies/cors.ts";
import { link as crossDomain } from "./policies/cross-domain.ts";
import { link as dropConnection } from "./policies/drop-connection.ts";
import { link as emitMetric } from "./policies/emit-metric.ts";
import { link as endWith } from "./policies/end-with.ts";
import { link as findAndReplace } from "./policies/find-and-replace.ts";
import { link as findFile } from "./policies/find-file.ts";
import { link as forwardAuth } from "./policies/forward-auth.ts";
import { link as forwardRequest } from "./policies/forward-request.ts";
import { link as getAuthorizationContext } from "./policies/get-authorization-context.ts";
import { link as invokeDaprBinding } from "./policies/invoke-dapr-binding.ts";
import { link as ipFilter } from "./policies/ip-filter.ts";
import { link as jsonToXml } from "./policies/json-to-xml.ts";
import { link as jsonp } from "./policies/jsonp.ts";
import { link as limitConcurrency } from "./policies/limit-concurrency.ts";
import { link as logToEventhub } from "./policies/log-to-eventhub.ts";
import { link as mockResponse } from "./policies/mock-response.ts";
import { link as proxy } from "./policies/proxy.ts";
import { link as publishToDapr } from "./policies/publish-to-dapr.ts";
import { link as quotaByKey } from "./policies/quota-by-key.ts";
import { link as quota } from "./policies/quota.ts";
import { link as rateLimitByKey } from "./policies/rate-limit-by-key.ts";
import { link as rateLimit } from "./policies/rate-limit.ts";
import { link as redirectContentUrls } from "./policies/redirect-content-urls.ts";
import { link as redirect } from "./policies/redirect.ts";
import { link as refuse } from "./policies/refuse.ts";
import { link as removeHeaders } from "./policies/remove-headers.ts";
import { link as retry } from "./policies/retry.ts";
import { link as returnResponse } from "./policies/return-response.ts";
import { link as rewriteUri } from "./policies/rewrite-uri.ts";
import { link as sendOneWayRequest } from "./policies/send-one-way-request.ts";
import { link as sendRequest } from "./policies/send-request.ts";
import { link as sendServiceBusMessage } from "./policies/send-service-bus-message.ts";
import { link as setBackendService } from "./policies/set-backend-service.ts";
import { link as setBody } from "./policies/set-body.ts";
import { link as setHeader } from "./policies/set-header.ts";
import { link as setMethod } from "./policies/set-method.ts";
import { link as setQueryParameter } from "./policies/set-query-parameter.ts";
import { link as setStatus } from "./policies/set-status.ts";
import { link as setTarget } from "./policies/set-target.ts";
import { link as setVariable } from "./policies/set-variable.ts";
import { link as limitBody } from "./policies/limit-body.ts";
import { link as trace } from "./policies/trace.ts";
import { link as validateAzureAdToken } from "./policies/validate-azure-ad-token.ts";
import { link as validateBasic } from "./policies/validate-basic.ts";
import { link as validateClientCertificate } from "./policies/validate-client-certificate.ts";
import { link as validateContent } from "./policies/validate-content.ts";
import { link as validateGraphqlRequest } from "./policies/validate-graphql-request.ts";
import { link as validateHeaders } from "./policies/validate-headers.ts";
import { link as validateJwt } from "./policies/validate-jwt.ts";
import { link as validateOdataRequest } from "./policies/validate-odata-request.ts";
import { link as validateParameters } from "./policies/validate-parameters.ts";
import { link as validateStatusCode } from "./policies/validate-status-code.ts";
import { link as wait } from "./policies/wait.ts";
import { link as xmlToJson } from "./policies/xml-to-json.ts";
import { link as xslTransform } from "./policies/xsl-transform.ts";

/** Who links which policy. `base` is not here: chains come with it resolved. */
export const registry: ReadonlyMap<string, LinkPolicy> = new Map<string, LinkPolicy>([
  ["authentication-basic", authenticationBasic],
  ["authentication-certificate", authenticationCertificate],
  ["authentication-managed-identity", authenticationManagedIdentity],
  ["cache-lookup", cacheLookup],
  ["cache-lookup-value", cacheLookupValue],
  ["cache-remove-value", cacheRemoveValue],
  ["cache-store", cacheStore],
  ["cache-store-value", cacheStoreValue],
  ["cache-value", cacheValue],
  ["check-header", checkHeader],
  ["choose", choose],
  ["cors", cors],
  ["cross-domain", crossDomain],
  ["emit-metric", emitMetric],
  ["find-and-replace", findAndReplace],
  ["forward-auth", forwardAuth],
  ["forward-request", forwardRequest],
  ["get-authorization-context", getAuthorizationContext],
  ["invoke-dapr-binding", invokeDaprBinding],
  ["ip-filter", ipFilter],
  ["json-to-xml", jsonToXml],
  ["jsonp", jsonp],
  ["limit-concurrency", limitConcurrency],
  ["log-to-eventhub", logToEventhub],
  ["mock-response", mockResponse],
  ["proxy", proxy],
  ["publish-to-dapr", publishToDapr],
  ["quota", quota],
  ["quota-by-key", quotaByKey],
  ["rate-limit", rateLimit],
  ["rate-limit-by-key", rateLimitByKey],
  ["drop-connection", dropConnection],
  ["end-with", endWith],
  ["find-file", findFile],
  ["refuse", refuse],
  ["remove-headers", removeHeaders],
  ["set-target", setTarget],
  ["limit-body", limitBody],
  ["redirect", redirect],
  ["redirect-content-urls", redirectContentUrls],
  ["retry", retry],
  ["return-response", returnResponse],
  ["rewrite-uri", rewriteUri],
  ["send-one-way-request", sendOneWayRequest],
  ["send-request", sendRequest],
  ["send-service-bus-message", sendServiceBusMessage],
  ["set-backend-service", setBackendService],
  ["set-body", setBody],
  ["set-header", setHeader],
  ["set-method", setMethod],
  ["set-query-parameter", setQueryParameter],
  ["set-status", setStatus],
  ["set-variable", setVariable],
  ["trace", trace],
  ["validate-azure-ad-token", validateAzureAdToken],
  ["validate-basic", validateBasic],
  ["validate-client-certificate", validateClientCertificate],
  ["validate-content", validateContent],
  ["validate-graphql-request", validateGraphqlRequest],
  ["validate-headers", validateHeaders],
  ["validate-jwt", validateJwt],
  ["validate-odata-request", validateOdataRequest],
  ["validate-parameters", validateParameters],
  ["validate-status-code", validateStatusCode],
  ["wait", wait],
  ["xml-to-json", xmlToJson],
  ["xsl-transform", xslTransform],
]);
