import { base } from "./base.ts";
import { cacheLookup, cacheLookupValue, cacheRemoveValue, cacheStore, cacheStoreValue } from "./caching.ts";
import { checkHeader } from "./check-header.ts";
import { cors } from "./cors.ts";
import { choose, setVariable } from "./flow.ts";
import { forwardAuth } from "./forward-auth.ts";
import { ipFilter } from "./ip-filter.ts";
import { quota } from "./quota.ts";
import { rateLimit, rateLimitByKey } from "./rate-limits.ts";
import { redirect } from "./redirect.ts";
import { forwardRequest, rewriteUri, setBackendService, setMethod } from "./request-changes.ts";
import { mockResponse, returnResponse, setBody, setStatus } from "./responses.ts";
import { setHeader, setQueryParameter } from "./set-header.ts";
import type { PolicySpec } from "./spec.ts";
import { validateJwt } from "./validate-jwt.ts";

/** Every policy there is, by name. */
export const catalogue: ReadonlyMap<string, PolicySpec> = new Map(
  [
    base,
    cacheLookup,
    cacheLookupValue,
    cacheRemoveValue,
    cacheStore,
    cacheStoreValue,
    checkHeader,
    choose,
    cors,
    forwardAuth,
    forwardRequest,
    ipFilter,
    mockResponse,
    quota,
    rateLimit,
    rateLimitByKey,
    redirect,
    returnResponse,
    rewriteUri,
    setBackendService,
    setBody,
    setHeader,
    setMethod,
    setQueryParameter,
    setStatus,
    setVariable,
    validateJwt,
  ].map((spec) => [spec.name, spec]),
);
