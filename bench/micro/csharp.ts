import { compileCsharp } from "#notation/csharp/compile.ts";
import { contextOf, responseOf } from "#notation/csharp/context.test-helper.ts";
import type { Subject } from "./subject.ts";

const usual = [
  '@(context.Request.Headers.GetValueOrDefault("X-Role", ""))',
  '@("Bearer " + (string)context.Variables["token"])',
  "@(context.Response != null && context.Response.StatusCode >= 500)",
  '@(context.Variables.ContainsKey("token") == false)',
  '@(context.Variables.GetValueOrDefault<int>("remaining") > 0 && context.Request.Method == "GET")',
  '@(context.Request.MatchedParameters["id"])',
  '@($"{context.Request.Method} {context.Operation.Name}: {context.Request.IpAddress}")',
  '@(((IResponse)context.Variables["answer"]).StatusCode == 200)',
  '@("a,b,c".Split(\',\').Contains("b"))',
];
const long = [
  "@(context.Request.OriginalUrl.ToUri().Host)",
  '@(Convert.ToBase64String(Encoding.UTF8.GetBytes("user:password")))',
  "@{ var sum = 0; for (var i = 0; i < 100; i++) { sum += i * 2; } return sum; }",
  '@(new JObject(new JProperty("a", 1), new JProperty("b", new JArray("x", "y"))).ToString())',
  '@((string)JObject.Parse("{\\"a\\":{\\"b\\":\\"c\\"}}")["a"]["b"])',
];

const context = contextOf({
  response: responseOf(200, "{}").response,
  variables: new Map<string, unknown>([
    ["token", "abc"],
    ["remaining", 3],
    ["answer", responseOf(200, "{}")],
  ]),
});

/** Those of usual size, then longer ones. */
export const csharp: readonly Subject[] = [...usual, ...long].map((source) => ({
  group: "csharp",
  name: source,
  prepare: () => {
    const compiled = compileCsharp(source);
    return { run: () => void compiled.run(context) };
  },
}));
