import { GatewayError } from "#model/errors.ts";
import type { Egress } from "#model/ports.ts";
import type { ApimKeys } from "#model/secret-rotation.ts";
import { longestSecret } from "./maker.ts";

const apiVersion = "2024-05-01";
const timeoutMs = 30_000;
const maxBytes = 65_536;

export interface ApimMeans {
  readonly egress: Egress;
  /** Of the gateway's identity in Azure. */
  readonly token: (resource: string, clientId: string) => Promise<string>;
}

/**
 * Makes that of a subscription's two keys anew which is not in use, so that the other one goes on until it is its turn.
 * Made twice, because of a crash, does no harm.
 *
 * @throws GatewayError `secret-rotation-failed`
 * @see https://learn.microsoft.com/rest/api/apimanagement/subscription/regenerate-primary-key
 */
export async function regenerateKey(keys: ApimKeys, inUse: string, means: ApimMeans): Promise<string> {
  const { primaryKey, secondaryKey } = await secretsOf(keys, means);
  if (inUse !== primaryKey && inUse !== secondaryKey) {
    throw failed(`the key in use is none of the subscription ${keys.subscription}`);
  }
  const slot = inUse === primaryKey ? "Secondary" : "Primary";
  await post(keys, `regenerate${slot}Key`, means);
  const after = await secretsOf(keys, means);
  const made = slot === "Primary" ? after.primaryKey : after.secondaryKey;
  if (made === inUse || made === (slot === "Primary" ? primaryKey : secondaryKey)) {
    throw failed("the management API has made no new key");
  }
  return made;
}

/** Makes the key anew that is not to be good any more: it ends by that. Where it is neither, it has ended. */
export async function retireKey(keys: ApimKeys, old: string, means: ApimMeans): Promise<void> {
  const { primaryKey, secondaryKey } = await secretsOf(keys, means);
  if (old === primaryKey) await post(keys, "regeneratePrimaryKey", means);
  else if (old === secondaryKey) await post(keys, "regenerateSecondaryKey", means);
}

async function secretsOf(keys: ApimKeys, means: ApimMeans): Promise<{ primaryKey: string; secondaryKey: string }> {
  const text = await post(keys, "listSecrets", means);
  try {
    const { primaryKey, secondaryKey } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (isKey(primaryKey) && isKey(secondaryKey)) return { primaryKey, secondaryKey };
  } catch {
    // As one without keys.
  }
  throw failed("the management API has told no keys");
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]+$/.test(value) && value.length <= longestSecret;
}

async function post(keys: ApimKeys, action: string, { egress, token }: ApimMeans): Promise<string> {
  const { endpoint, azureSubscription, resourceGroup, service, subscription, clientId } = keys;
  const place = [
    ["subscriptions", azureSubscription],
    ["resourceGroups", resourceGroup],
    ["providers", "Microsoft.ApiManagement"],
    ["service", service],
    ["subscriptions", subscription],
  ];
  const path = place.map(([kind, name]) => `/${kind}/${encodeURIComponent(name ?? "")}`).join("");
  const answer = await egress.fetch({
    url: `${endpoint}${path}/${action}?api-version=${apiVersion}`,
    method: "POST",
    headers: ["Authorization", `Bearer ${await token(`${endpoint}/`, clientId)}`],
    body: new Uint8Array(0),
    timeoutMs,
    maxBytes,
    declared: true,
  });
  if (answer.status >= 200 && answer.status < 300) return Buffer.from(answer.body).toString("utf8");
  throw failed(`the management API answers ${action} with ${answer.status}`);
}

function failed(message: string): GatewayError {
  return new GatewayError("secret-rotation-failed", 502, message);
}
