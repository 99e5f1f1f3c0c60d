import { join, relative } from "node:path";
import { isLoaded } from "#app/definition/read-result.ts";
import type { DefinitionSource } from "#app/definition/messages.ts";
import { DefinitionReader } from "#app/definition/reader.ts";
import { type ReadyInfo, runGateway } from "#app/gateway.ts";
import { isColored } from "#cli/terminal.ts";
import { formatDiagnostics } from "#config/format.ts";
import type { DemoClients } from "./provider.ts";
import { demoFiles, type DemoFiles, ensureSecrets, writeState } from "./secrets.ts";
import { type Service, startService } from "./services.ts";

interface RunOptions {
  readonly data: string;
  readonly env: string;
  readonly workers?: number;
  readonly anyPorts: boolean;
}

const file = join(import.meta.dirname, "sallyport.yaml");

const ports = { orders: 9001, provider: 9002, callback: 9003 };

/** Starts the orders API and the provider, then the gateway with demo/sallyport.yaml, and says what to try. */
export async function runDemo(options: RunOptions): Promise<void> {
  if (/^prod(uction)?$/i.test(options.env)) {
    throw new Error(
      "the quick start is for one machine, never for production; run your own definition: npm start -- --config FILE --env prod",
    );
  }
  const files = demoFiles(options.data);
  const clients = { ...ensureSecrets(files), redirectUri: `http://127.0.0.1:${ports.callback}/callback` };
  const services = await startServices(options.anyPorts, clients);
  const reader = new DefinitionReader(sourceOf(options, files, services));
  const first = await reader.read();
  if (!isLoaded(first) || first.definition.production) {
    const format = { color: isColored(process.stderr), cwd: process.cwd() };
    process.stderr.write(formatDiagnostics(first.diagnostics, format));
    throw new Error("demo/sallyport.yaml does not load; the lines above say why");
  }
  try {
    await runGateway({
      file,
      loaded: first,
      load: (texts) => reader.read(texts),
      entry: (text, question) => reader.entry(text, question),
      dataPath: options.data,
      logLevel: "warn",
      ...(options.workers === undefined ? {} : { workers: options.workers }),
      onReady: (ready) => {
        writeState(files, {
          url: ready.url,
          issuer: services.provider.url,
          redirectUri: clients.redirectUri,
          rootCertificate: ready.rootCertificate ?? "",
        });
        process.stdout.write(greeting(ready));
      },
      onReload: () => process.stdout.write("  the changed definition is live\n"),
    });
  } finally {
    await reader.close();
    services.orders.stop();
    services.provider.stop();
  }
}

interface Services {
  readonly orders: Service;
  readonly provider: Service;
}

async function startServices(anyPorts: boolean, clients: DemoClients): Promise<Services> {
  const orders = await startService("orders", anyPorts ? 0 : ports.orders, clients);
  try {
    return { orders, provider: await startService("provider", anyPorts ? 0 : ports.provider, clients) };
  } catch (error) {
    orders.stop();
    throw error;
  }
}

function sourceOf(options: RunOptions, files: DemoFiles, services: Services): DefinitionSource {
  return {
    file,
    environment: options.env,
    values: {
      provider: services.provider.url,
      orders: services.orders.url,
      "key-file": files.keyFile,
      "login-secret": files.loginSecretFile,
      ...(options.anyPorts ? { "https-port": "0", "http-port": "0" } : {}),
    },
  };
}

/** What a newcomer reads first: one line that it runs, then things to try, each of which can be pasted. */
function greeting({ summary, url, rootCertificate }: ReadyInfo): string {
  const ca = here(rootCertificate ?? "");
  return `${summary}

Try, in another terminal and in this folder:

  # refused, and the answer says why
  curl --cacert ${ca} -i ${url}/orders

  # allowed: a key says which product, a token says who
  eval "$(npx sallyport demo credentials)"
  curl --cacert "$SALLYPORT_CA" -i -H "Ocp-Apim-Subscription-Key: $SALLYPORT_KEY" -H "Authorization: Bearer $SALLYPORT_TOKEN" "$SALLYPORT_URL/orders"

  # in a browser: log in as Alice or as Bob (it warns until npx sallyport trust --data .sallyport, or you accept)
  ${url}/hello

  # why was it decided so? The id is the X-Request-Id of an answer
  npx sallyport explain ID

The definition is ${here(file)}: edit and save it, and it is live. Ctrl+C ends everything.

`;
}

function here(path: string): string {
  return relative(process.cwd(), path) || path;
}
