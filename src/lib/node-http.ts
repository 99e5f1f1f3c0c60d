import type * as NodeHttp from "node:http";

type Http = typeof NodeHttp;

/**
 * `node:http` without what an `import` of it reads besides: the names that an ES module is given include WebSocket and
 * its like, and reading those loads the client behind `fetch`, 60 ms for each thread that never asks anybody by it.
 */
const http: Http = process.getBuiltinModule("node:http");

export const createServer: Http["createServer"] = http.createServer;
export const METHODS: Http["METHODS"] = http.METHODS;
export const request: Http["request"] = http.request;
export const STATUS_CODES: Http["STATUS_CODES"] = http.STATUS_CODES;
