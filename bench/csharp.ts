import { compileCsharp } from "#notation/csharp/compile.ts";
import { contextOf, responseOf } from "#notation/csharp/context.test-helper.ts";

const median = [
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

/** Nanoseconds of one evaluation. */
function measure(source: string): number {
  const compiled = compileCsharp(source);
  const turns = 200_000;
  for (let index = 0; index < 20_000; index++) compiled.run(context);
  const started = performance.now();
  for (let index = 0; index < turns; index++) compiled.run(context);
  return ((performance.now() - started) * 1e6) / turns;
}

function report(title: string, sources: readonly string[]): void {
  process.stdout.write(`${title}\n`);
  for (const source of sources) process.stdout.write(`${measure(source).toFixed(0).padStart(8)} ns  ${source}\n`);
}

report("Expressions of usual size", median);
report("Longer ones", long);
