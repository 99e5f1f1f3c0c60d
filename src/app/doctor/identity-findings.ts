import type { Definition } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Finding } from "#model/finding.ts";
import type { ManagedIdentity } from "#model/managed-identity.ts";
import type { Argument, PolicyDocument, PolicyNode } from "#model/policy-tree.ts";

/** A token that the definition has the gateway's own identity fetch. */
interface WantedToken {
  readonly resource: string;
  readonly clientId: string;
}

/** Each token of the platform's identity that the definition needs, fetched as the gateway fetches it. */
export async function identityFindings(definition: Definition, identity: ManagedIdentity): Promise<readonly Finding[]> {
  return Promise.all(wantedTokens(definition).map((wanted) => finding(wanted, identity)));
}

async function finding({ resource, clientId }: WantedToken, identity: ManagedIdentity): Promise<Finding> {
  const started = performance.now();
  const who = clientId === "" ? "of the machine" : clientId;
  const base = { group: "managed identity", name: `token for ${resource}, identity ${who}` };
  try {
    await identity.token(resource, clientId);
    return {
      ...base,
      ms: performance.now() - started,
      state: "passed",
      code: "doctor-identity",
      detail: "",
      fix: null,
    };
  } catch (error) {
    const detail = error instanceof GatewayError ? error.message : String(error);
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
    const problem = {
      state: "failed",
      code: "doctor-identity",
      detail: `${detail}${cause}`,
      fix: fixFor(detail, clientId),
    } as const;
    return { ...base, ms: performance.now() - started, ...problem };
  }
}

function fixFor(message: string, clientId: string): string {
  if (/answered 40[03]|not found|identity_not_found/i.test(message)) {
    return clientId === ""
      ? "switch on the machine's system-assigned identity, or name a user-assigned one by its client id"
      : `assign the identity ${clientId} to this machine, or correct its client id`;
  }
  if (/AZURE_/.test(message))
    return "annotate the service account (azure.workload.identity/client-id) and label the pod azure.workload.identity/use";
  return "the platform's endpoint does not answer: does this run in Azure, and is 169.254.169.254 reachable (not by a proxy)?";
}

function wantedTokens({ policies, apis, products, loggers }: Definition): readonly WantedToken[] {
  const documents = [
    policies,
    ...products.map((one) => one.policies),
    ...apis.flatMap((api) => [api.policies, ...api.operations.map((one) => one.policies)]),
  ];
  const found = documents.flatMap((document) => [...tokensIn(document)]);
  const senders = loggers.flatMap(({ sender }) =>
    sender !== null && "clientId" in sender
      ? [{ resource: "https://eventhubs.azure.net", clientId: sender.clientId }]
      : [],
  );
  const all = [...found, ...senders];
  return [...new Map(all.map((one) => [`${one.resource} ${one.clientId}`, one])).values()];
}

function* tokensIn(document: PolicyDocument): Generator<WantedToken> {
  for (const nodes of Object.values(document)) for (const node of nodes ?? []) yield* tokensOf(node);
}

function* tokensOf({ name, args }: PolicyNode): Generator<WantedToken> {
  const resource = literal(args["resource"]);
  if (name === "authentication-managed-identity" && resource !== null) {
    yield { resource, clientId: literal(args["clientId"] ?? args["client-id"]) ?? "" };
  }
  for (const argument of Object.values(args)) yield* below(argument);
}

function* below(argument: Argument): Generator<WantedToken> {
  if (argument.kind === "policies") for (const node of argument.policies) yield* tokensOf(node);
  else if (argument.kind === "list") for (const item of argument.items) yield* below(item);
  else if (argument.kind === "map") for (const entry of Object.values(argument.entries)) yield* below(entry);
}

/** What only a request would say is not asked for. */
function literal(argument: Argument | undefined): string | null {
  return argument?.kind === "literal" ? String(argument.value) : null;
}
