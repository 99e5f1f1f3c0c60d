import { execFileSync } from "node:child_process";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway } from "#test/support/gateway.ts";

/**
 * How many logins a second a gateway with one worker takes on one core. The provider is a stand-in that signs ID tokens and
 * does nothing else, since a real one would be the bottleneck; it runs here, the gateway on a core of its own.
 */
const rate = Number(process.argv[2] ?? 200);
const seconds = Number(process.argv[3] ?? 10);

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = { ...publicKey.export({ format: "jwk" }), kid: "k", use: "sig", alg: "ES256" };
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
let issuer = "";
const nonces = new Map<string, string>();
const provider = createServer((incoming, response) => {
  const url = new URL(incoming.url ?? "/", issuer);
  const json = (value: unknown): void => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(value));
  };
  if (url.pathname === "/.well-known/openid-configuration")
    return json({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      userinfo_endpoint: `${issuer}/me`,
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["ES256"],
      authorization_response_iss_parameter_supported: true,
    });
  if (url.pathname === "/keys") return json({ keys: [jwk] });
  if (url.pathname === "/me")
    return json({ sub: String(incoming.headers.authorization).slice(7), name: "Somebody", groups: ["staff"] });
  let text = "";
  incoming.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  incoming.on("end", () => {
    const code = new URLSearchParams(text).get("code") ?? "";
    const now = Math.floor(Date.now() / 1000);
    const head = `${b64({ alg: "ES256", kid: "k" })}.${b64({ iss: issuer, aud: "gateway", sub: code, nonce: nonces.get(code), iat: now, exp: now + 600 })}`;
    const signature = sign("sha256", Buffer.from(head), { key: privateKey, dsaEncoding: "ieee-p1363" });
    nonces.delete(code);
    json({
      access_token: code,
      token_type: "Bearer",
      expires_in: 3600,
      id_token: `${head}.${signature.toString("base64url")}`,
    });
  });
  return undefined;
}).listen(0, "127.0.0.1");
await new Promise((resolve) => provider.once("listening", resolve));
issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
const [port = 0] = await freePorts(1);
const gateway = await startTestGateway({
  definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer}", clientId: gateway, clientSecret: { env: S }, login: true } } }
apis: { app: { hosts: [localhost], path: /app, respond: { body: hello }, access: [{ allow: '"staff" in principal.groups' }] } }
`,
  args: ["--workers", "1"],
  env: { S: "a secret of the bench" },
});
execFileSync("taskset", ["-a", "-cp", "0", String(gateway.process.pid)]);
execFileSync("taskset", ["-a", "-cp", "1", String(process.pid)]);
const agent = new Agent({ keepAlive: true, maxSockets: 256, ca: gateway.ca });
interface Got {
  status: number;
  location: string;
  cookies: string[];
}
const get = (path: string, cookie = ""): Promise<Got> =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "localhost", port, path, agent, headers: cookie === "" ? {} : { cookie } },
      (response) => {
        response.resume();
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location ?? "",
            cookies: (response.headers["set-cookie"] ?? []).map((one) => one.split(";")[0] ?? ""),
          }),
        );
      },
    );
    outgoing.on("error", reject);
    outgoing.end();
  });
const times: number[] = [];
let lost = 0;
const why = new Map<string, number>();
const login = async (): Promise<string> => {
  const began = performance.now();
  const first = await get("/.sallyport/login?return=/app");
  const url = new URL(first.location);
  const code = randomBytes(12).toString("hex");
  nonces.set(code, url.searchParams.get("nonce") ?? "");
  const back = new URLSearchParams({ code, state: url.searchParams.get("state") ?? "", iss: issuer });
  const second = await get(`/.sallyport/callback?${back}`, first.cookies[0]);
  if (second.status !== 303) throw new Error(`callback ${second.status}`);
  const session = second.cookies.find((one) => one.startsWith("__Host-sallyport-session")) ?? "";
  const third = await get("/app", session);
  if (third.status !== 200) throw new Error(`app ${third.status}`);
  times.push(performance.now() - began);
  return session;
};
const cpu = (): number => {
  const fields = readFileSync(`/proc/${gateway.process.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
for (let warm = 0; warm < 50; warm += 1) await login();
times.length = 0;
const before = cpu();
const all: Promise<unknown>[] = [];
const start = performance.now();
for (let sent = 0; sent < rate * seconds; sent += 1) {
  const due = start + (sent / rate) * 1000;
  const wait = due - performance.now();
  if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
  all.push(
    login().catch((error: Error) => {
      lost += 1;
      why.set(error.message, (why.get(error.message) ?? 0) + 1);
    }),
  );
}
await Promise.all(all);
const took = (performance.now() - start) / 1000;
times.sort((a, b) => a - b);
const at = (part: number): string => (times[Math.floor(times.length * part)] ?? 0).toFixed(1);
process.stdout.write(
  `${JSON.stringify({ asked: rate * seconds, done: times.length, lost, why: Object.fromEntries(why), seconds: took.toFixed(2), perSecond: (times.length / took).toFixed(0), p50: at(0.5), p99: at(0.99), max: at(0.999), cpuMsPerLogin: (((cpu() - before) / times.length) * 1000).toFixed(2) })}\n`,
);
await gateway.cleanUp();
provider.closeAllConnections();
provider.close();
