import { compileSnapshot } from "#compile/compile.ts";
import type { Definition } from "#model/definition.ts";
import type { Diagnostic } from "#model/diagnostic.ts";
import type { Exchange } from "#model/exchange.ts";
import { createPermitAuthority, type PermitAuthority } from "#model/permit.ts";
import type { EventSink } from "#model/ports.ts";
import type { TracedStep } from "#model/tracing.ts";
import { PolicyTrace } from "#app/tracing/policy-trace.ts";
import { atOnce } from "#lib/slices.ts";
import { Flow } from "#pipeline/flow.ts";
import type { GatewayHandles } from "#pipeline/handles.ts";
import { LastingExchanges } from "#pipeline/lasting-exchanges.ts";
import { type LinkedSnapshot, linkSnapshot, type StableHandlerPorts, type StablePorts } from "#pipeline/linked.ts";
import { CoderRoom } from "#content/compress.ts";
import { FileRoom } from "#content/file-room.ts";
import { evaluateCsharp } from "#policy/csharp/evaluate-csharp.ts";
import { localTransforms } from "#policy/transforms/local.ts";
import type { Transforms } from "#policy/transforms/transforms.ts";
import type { Scalar, WorkbenchContext } from "./context.ts";
import { exchangeFor, principalOf, subscriptionOf } from "./exchange-for.ts";
import type { WrittenRequest } from "./http-file.ts";
import { KeptClient, type KeptResponse } from "./kept-client.ts";
import { type DocumentToRun, loadDocument, serviceName, shownPath } from "./load-document.ts";
import { portsFor, silentLog } from "./ports.ts";
import { type SentRequest, stubbedEgress, stubbedForward } from "./stubs.ts";
import { seededRandom, VirtualClock } from "./virtual-clock.ts";

export interface WorkbenchRun {
  readonly steps: readonly TracedStep[];
  readonly sent: readonly SentRequest[];
  /** Null: the connection would have been broken off. */
  readonly response: KeptResponse | null;
  /** Why it was refused; null: it was not. */
  readonly refusal: { readonly reason: string; readonly detail: string | null } | null;
}

/** `run` is null when the document does not load; `diagnostics` says why. */
export interface WorkbenchResult {
  readonly run: WorkbenchRun | null;
  readonly diagnostics: readonly Diagnostic[];
}

const defaultTime = "2026-01-02T03:04:05Z";

/**
 * Runs a document against a request, on the pipeline that serves real ones, over a network that the context makes up.
 * @throws HttpFileProblem for a URL that is none
 */
export async function runDocument(
  document: DocumentToRun,
  request: WrittenRequest,
  context: WorkbenchContext,
  transforms: Transforms = localTransforms,
): Promise<WorkbenchResult> {
  const { definition, diagnostics } = await loadDocument(document, context);
  if (definition === null) return { run: null, diagnostics };
  return { run: await new Bench(definition, context, document.path, transforms).run(request), diagnostics };
}

/** The gateway in small: one document, one client at a time. */
class Bench {
  readonly #context: WorkbenchContext;
  readonly #clock: VirtualClock;
  readonly #permits: PermitAuthority = createPermitAuthority();
  readonly #trace: PolicyTrace;
  readonly #path: string;
  readonly #ports: StablePorts;
  readonly #linked: LinkedSnapshot;
  #sent: SentRequest[] = [];

  constructor(definition: Definition, context: WorkbenchContext, path: string, transforms: Transforms) {
    this.#context = context;
    this.#clock = new VirtualClock(Date.parse(context.now ?? defaultTime));
    const backendUrls = definition.backends.map(({ name }) => backendUrl(name, context));
    this.#path = path;
    this.#trace = new PolicyTrace({ backendUrls, shown: (file) => shownPath(file, path) });
    const stubs = {
      backend: [context.backend ?? {}].flat(),
      calls: context.calls ?? [],
      backendUrls,
      check: this.#permits.check,
      sent: (request: SentRequest) => void this.#sent.push(request),
    };
    const egress = stubbedEgress(stubs);
    this.#ports = portsFor(context, this.#clock, seededRandom(context.seed ?? 1), egress, this.#trace, transforms);
    const snapshot = compileSnapshot(definition);
    const first = { snapshot, forward: stubbedForward(stubs), events: noEvents, redaction: null };
    this.#linked = atOnce(linkSnapshot(first, this.#ports, handlerPorts(this.#permits, this.#clock)));
  }

  async run(request: WrittenRequest): Promise<WorkbenchRun> {
    const { repeat = 1 } = this.#context;
    for (let nth = 1; nth < repeat; nth += 1) await this.#serve(request, nth);
    this.#trace.steps.length = 0;
    this.#sent = [];
    const { exchange, response } = await this.#serve(request, repeat);
    const { refusal } = exchange;
    return {
      steps: this.#trace.steps,
      sent: this.#sent,
      response,
      refusal: refusal === null ? null : { reason: refusal.reason, detail: this.#told(refusal.detail) },
    };
  }

  /** Places are in the document, and not in the definition that was made around it. */
  #told(detail: string | undefined): string | null {
    return detail?.replaceAll("/workbench/policy.xml", this.#path) ?? null;
  }

  async #serve(request: WrittenRequest, nth: number): Promise<{ exchange: Exchange; response: KeptResponse | null }> {
    const client = new KeptClient();
    const id = `0198c1f2-7c3a-7e51-9a51-${nth.toString(16).padStart(12, "0")}`;
    const exchange = exchangeFor(request, this.#context, client, this.#clock, id);
    for (const [name, value] of Object.entries(this.#context.variables ?? {})) {
      exchange.setVariable(name, this.#variable(value, exchange));
    }
    new Flow(exchange, this.#linked, this.#handles()).start();
    return { response: await client.response, exchange };
  }

  /** In the type that C# gives such a literal. */
  #variable(value: Scalar, exchange: Exchange): unknown {
    return typeof value === "number" ? evaluateCsharp(`@(${value})`, this.#clock)(exchange) : value;
  }

  #handles(): GatewayHandles {
    const { bodies, clock } = this.#ports;
    return {
      clock,
      log: silentLog,
      bodies,
      isRevoked: () => false,
      certificateStatuses: this.#ports.certificateStatuses,
      knownUsers: { users: { identityKey: () => new Uint8Array(32), findIdentity: () => null }, onSeen: () => {} },
      site: () => Promise.reject(new Error("a policy document has no pages")),
      mint: this.#permits.mint,
      assertions: { for: unused },
      authenticate: (exchange) => {
        exchange.principal = principalOf(this.#context);
        exchange.subscription = subscriptionOf(this.#context);
        return undefined;
      },
      shadowing: { permitted: () => {}, answering: () => {} },
      lasting: new LastingExchanges(),
    };
  }
}

const noEvents: EventSink = { opened: () => {}, finished: () => {}, strict: null };

function backendUrl(name: string, { api, backends = {} }: WorkbenchContext): string {
  const url = name === serviceName ? (api?.serviceUrl ?? "https://backend.example") : (backends[name] ?? "");
  return url.replace(/\/$/, "");
}

function unused(): never {
  throw new Error("the workbench has no such handler");
}

/** The definition that documents are loaded in has no such handlers; they are there because a gateway has them. */
function handlerPorts({ check }: PermitAuthority, clock: VirtualClock): StableHandlerPorts {
  return {
    check,
    files: new FileRoom(() => clock.mono()),
    coders: new CoderRoom(),
    fastCgi: { server: unused, close: unused },
    acme: unused,
    backendTokens: { find: unused },
    assertions: { for: unused },
  };
}
