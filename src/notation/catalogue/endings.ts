import { everyScope, everySection } from "./common.ts";
import type { PolicySpec } from "./spec.ts";

export const endWith: PolicySpec = {
  name: "end-with",
  summary:
    "Chooses one of `endings` to answer instead of the backend, once all of inbound has let the request through. In on-error its files are the page of the error, for whoever was refused.",
  sections: ["inbound", "backend", "on-error"],
  scopes: everyScope,
  native: true,
  shorthand: "ending",
  args: { ending: { type: "string", summary: "Name of an ending.", required: true } },
  example: "end-with: pages",
};

export const findFile: PolicySpec = {
  name: "find-file",
  summary:
    "Looks which of the `tryFiles` of an ending is there, and puts its path into a variable; the empty text where none is. What ends with a slash is a folder. The path is the one that `set-target` and others have left.",
  sections: ["inbound", "on-error"],
  scopes: everyScope,
  native: true,
  args: {
    ending: { type: "string", summary: "Name of an ending of files: its folder is looked into.", required: true },
    outputVariable: { type: "string", summary: "Takes the path, encoded as in a URL.", required: true },
  },
  example: `find-file:
  ending: pages
  outputVariable: page`,
};

export const refuse: PolicySpec = {
  name: "refuse",
  summary: "Refuses the request with a status; on-error runs, and the answer looks like any refusal.",
  sections: everySection,
  scopes: everyScope,
  native: true,
  forwardAuth: true,
  shorthand: "status",
  args: {
    status: { type: "integer", summary: "Status.", required: true, min: 400, max: 599, expression: true },
    message: {
      type: "string",
      summary: "What the client is told; that access is denied when absent.",
      expression: true,
    },
  },
  example: `refuse:
  status: 404
  message: There is nothing here.`,
};

export const dropConnection: PolicySpec = {
  name: "drop-connection",
  summary: "Ends the client's connection without an answer; over HTTP/2 the stream alone. No later policy runs.",
  sections: ["inbound"],
  scopes: everyScope,
  native: true,
  args: {},
  example: "drop-connection: {}",
};

export const setTarget: PolicySpec = {
  name: "set-target",
  summary: "Sets path and query of the request to the backend as they are: nothing in them is a placeholder.",
  sections: ["inbound", "on-error"],
  scopes: everyScope,
  native: true,
  args: {
    path: { type: "string", summary: "Path, encoded as in a URL; stays when absent.", expression: true },
    query: { type: "string", summary: "Query without its ?; stays when absent, empty removes it.", expression: true },
  },
  check: ({ path, query }) =>
    path === undefined && query === undefined ? { argument: "path", message: "or query must be there" } : undefined,
  example: `set-target:
  path: /v2\${request.sentPath}
  query: ""`,
};

export const limitBody: PolicySpec = {
  name: "limit-body",
  summary: "Bounds the request's body from here on: a longer one is refused with 413.",
  sections: ["inbound"],
  scopes: everyScope,
  native: true,
  shorthand: "size",
  args: { size: { type: "size", summary: "Most bytes.", required: true, min: 0, max: 1_099_511_627_776 } },
  example: "limit-body: 10MiB",
};
