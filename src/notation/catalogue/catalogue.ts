import {
  authenticationBasic,
  authenticationCertificate,
  authenticationManagedIdentity,
  getAuthorizationContext,
  validateBasic,
} from "./authentication.ts";
import { isWaiting } from "./is-waiting.ts";
import { base } from "./base.ts";
import { cacheLookup, cacheLookupValue, cacheRemoveValue, cacheStore, cacheStoreValue, cacheValue } from "./caching.ts";
import { checkHeader } from "./check-header.ts";
import { includeFragment, limitConcurrency, retry, wait } from "./control-flow.ts";
import { cors } from "./cors.ts";
import { choose, setVariable } from "./flow.ts";
import { forwardAuth } from "./forward-auth.ts";
import { ipFilter } from "./ip-filter.ts";
import { llmPolicies } from "./llm.ts";
import { invokeDaprBinding, publishToDapr, sendServiceBusMessage } from "./messaging.ts";
import { quota, quotaByKey } from "./quota.ts";
import { rateLimit, rateLimitByKey } from "./rate-limits.ts";
import { dropConnection, endWith, findFile, limitBody, refuse, setTarget } from "./endings.ts";
import { redirect } from "./redirect.ts";
import { forwardRequest, rewriteUri, setBackendService, setMethod } from "./request-changes.ts";
import { proxy, sendOneWayRequest, sendRequest, setUrl } from "./requests.ts";
import { mockResponse, returnResponse, setBody, setStatus } from "./responses.ts";
import { removeHeaders, setHeader, setQueryParameter } from "./set-header.ts";
import type { PolicySpec } from "./spec.ts";
import { emitMetric, logToEventhub, trace } from "./telemetry.ts";
import {
  crossDomain,
  findAndReplace,
  jsonp,
  jsonToXml,
  redirectContentUrls,
  xmlToJson,
  xslTransform,
} from "./transforms.ts";
import { validateAzureAdToken } from "./validate-azure-ad-token.ts";
import { validateJwt } from "./validate-jwt.ts";
import {
  validateClientCertificate,
  validateContent,
  validateGraphqlRequest,
  validateHeaders,
  validateOdataRequest,
  validateParameters,
  validateStatusCode,
} from "./validation.ts";

/** Every policy there is, by name. */
export const catalogue: ReadonlyMap<string, PolicySpec> = new Map(
  [
    authenticationBasic,
    authenticationCertificate,
    authenticationManagedIdentity,
    base,
    cacheLookup,
    cacheLookupValue,
    cacheRemoveValue,
    cacheStore,
    cacheStoreValue,
    cacheValue,
    checkHeader,
    choose,
    cors,
    crossDomain,
    dropConnection,
    emitMetric,
    endWith,
    findAndReplace,
    findFile,
    forwardAuth,
    forwardRequest,
    getAuthorizationContext,
    includeFragment,
    invokeDaprBinding,
    ipFilter,
    jsonToXml,
    jsonp,
    limitBody,
    limitConcurrency,
    ...llmPolicies,
    logToEventhub,
    mockResponse,
    proxy,
    publishToDapr,
    quota,
    quotaByKey,
    rateLimit,
    rateLimitByKey,
    redirect,
    redirectContentUrls,
    refuse,
    removeHeaders,
    retry,
    returnResponse,
    rewriteUri,
    sendOneWayRequest,
    sendRequest,
    sendServiceBusMessage,
    setBackendService,
    setBody,
    setHeader,
    setMethod,
    setQueryParameter,
    setStatus,
    setTarget,
    setUrl,
    setVariable,
    trace,
    validateAzureAdToken,
    validateBasic,
    validateClientCertificate,
    validateContent,
    validateGraphqlRequest,
    validateHeaders,
    validateJwt,
    validateOdataRequest,
    validateParameters,
    validateStatusCode,
    wait,
    xmlToJson,
    xslTransform,
  ].map((spec) => [spec.name, spec]),
);

/** Those with an engine: what YAML may use and the reference describes. */
export const supportedPolicies: readonly PolicySpec[] = [...catalogue.values()].filter((spec) => !isWaiting(spec));
