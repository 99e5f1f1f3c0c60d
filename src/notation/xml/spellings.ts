/**
 * What Microsoft's authoring toolkit writes in other words than the reference. The meaning is plain, so documents
 * made with it are read, with a warning.
 */
const policies: Readonly<Record<string, string>> = {
  "invoke-darp-binding": "invoke-dapr-binding",
  "publish-to-darp": "publish-to-dapr",
};

const attributes: Readonly<Record<string, string>> = {
  "publish-to-dapr/pub-sub-name": "pubsub-name",
  "validate-status-code/error-variable-name": "errors-variable-name",
  "validate-content/error-variable-name": "errors-variable-name",
  "validate-parameters/error-variable-name": "errors-variable-name",
  "validate-headers/error-variable-name": "errors-variable-name",
  "llm-token-limit/estimate-prompt-token": "estimate-prompt-tokens",
  "azure-openai-token-limit/estimate-prompt-token": "estimate-prompt-tokens",
};

/** The right name of a policy, or undefined when it is spelled right already or not known. */
export function policySpelling(name: string): string | undefined {
  return Object.hasOwn(policies, name) ? policies[name] : undefined;
}

export function attributeSpelling(owner: string, name: string): string | undefined {
  const key = `${owner}/${name}`;
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}
