import { everyScope, outsideWorkspaces } from "./common.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";
import { dimensions } from "./telemetry.ts";

type Family = "llm" | "azure-openai";

const maxTokens = 1_000_000_000_000;

function reported(summary: string, xml: string): ArgumentSpec {
  return { type: "string", summary, xml };
}

function emitTokenMetric(family: Family): PolicySpec {
  return {
    name: `${family}-emit-token-metric`,
    summary: "Counts the tokens of a language model.",
    sections: ["inbound"],
    scopes: everyScope,
    pending: "checked",
    args: {
      namespace: { type: "string", summary: "Namespace of the metric.", default: "API Management" },
      dimensions,
    },
    example: `${family}-emit-token-metric: { dimensions: [{ name: API ID }] }`,
  };
}

function tokenLimit(family: Family): PolicySpec {
  return {
    name: `${family}-token-limit`,
    summary: "Limits the tokens of a language model that are spent with the same key.",
    sections: ["inbound"],
    scopes: everyScope,
    pending: "checked",
    args: {
      key: { type: "string", summary: "What is counted.", required: true, expression: true, xml: "@counter-key" },
      tokensPerMinute: {
        type: "integer",
        summary: "Most tokens in a minute.",
        min: 1,
        max: maxTokens,
        expression: true,
      },
      tokenQuota: { type: "integer", summary: "Most tokens in a period.", min: 1, max: maxTokens, expression: true },
      tokenQuotaPeriod: {
        type: "enum",
        summary: "The period.",
        values: ["Hourly", "Daily", "Weekly", "Monthly", "Yearly"],
        expression: true,
      },
      estimatePromptTokens: {
        type: "boolean",
        summary: "Counts the prompt before it is sent on.",
        required: true,
        expression: true,
      },
      retryAfterHeader: {
        type: "string",
        summary: "Response header that tells how many seconds to wait.",
        default: "Retry-After",
        xml: "@retry-after-header-name",
      },
      retryAfterVariable: reported("Variable that gets the seconds to wait.", "@retry-after-variable-name"),
      remainingQuotaTokensHeader: reported(
        "Response header with what is left of the quota.",
        "@remaining-quota-tokens-header-name",
      ),
      remainingQuotaTokensVariable: reported("Variable with it.", "@remaining-quota-tokens-variable-name"),
      remainingTokensHeader: reported(
        "Response header with what is left of the minute.",
        "@remaining-tokens-header-name",
      ),
      remainingTokensVariable: reported("Variable with it.", "@remaining-tokens-variable-name"),
      tokensConsumedHeader: reported("Response header with what was spent.", "@tokens-consumed-header-name"),
      tokensConsumedVariable: reported("Variable with it.", "@tokens-consumed-variable-name"),
    },
    check: (args) =>
      args["tokensPerMinute"] === undefined && args["tokenQuota"] === undefined
        ? { argument: "tokensPerMinute", message: "give tokensPerMinute, or tokenQuota with tokenQuotaPeriod" }
        : (args["tokenQuota"] === undefined) === (args["tokenQuotaPeriod"] === undefined)
          ? undefined
          : { argument: "tokenQuota", message: "tokenQuota and tokenQuotaPeriod go together" },
    example: `${family}-token-limit:
  key: \${principal.id}
  tokensPerMinute: 5000
  estimatePromptTokens: true`,
  };
}

function semanticCacheLookup(family: Family): PolicySpec {
  return {
    name: `${family}-semantic-cache-lookup`,
    summary: "Answers a prompt with what was said to one that means the same.",
    sections: ["inbound"],
    scopes: outsideWorkspaces,
    once: true,
    pending: "checked",
    args: {
      scoreThreshold: {
        type: "number",
        summary: "How unlike it may be.",
        required: true,
        min: 0,
        max: 1,
        expression: true,
      },
      embeddingsBackend: {
        type: "string",
        summary: "Backend that embeds texts.",
        required: true,
        expression: true,
        xml: "@embeddings-backend-id",
      },
      embeddingsBackendAuth: {
        type: "string",
        summary: "How to authenticate there: system-assigned.",
        expression: true,
      },
      ignoreSystemMessages: {
        type: "boolean",
        summary: "Leaves system messages out.",
        default: false,
        expression: true,
      },
      maxMessageCount: {
        type: "integer",
        summary: "Longer dialogs are not cached.",
        min: 1,
        max: 1_000_000,
        expression: true,
      },
      cacheId: { type: "string", summary: "Which cache.", expression: true },
      varyBy: {
        type: "list",
        summary: "What makes another copy.",
        items: { type: "string", summary: "Value.", expression: true },
        xml: "vary-by",
      },
    },
    example: `${family}-semantic-cache-lookup:
  scoreThreshold: 0.1
  embeddingsBackend: embeddings
  varyBy: ["\${principal.id}"]`,
  };
}

function semanticCacheStore(family: Family): PolicySpec {
  return {
    name: `${family}-semantic-cache-store`,
    summary: "Keeps what was said, for prompts that mean the same.",
    sections: ["outbound"],
    scopes: outsideWorkspaces,
    pending: "checked",
    args: {
      duration: {
        type: "duration",
        summary: "How long.",
        required: true,
        min: 0,
        max: 31_536_000_000,
        expression: true,
      },
    },
    example: `${family}-semantic-cache-store: { duration: 1h }`,
  };
}

const severities = ["Hate", "SelfHarm", "Sexual", "Violence"];

const llmContentSafety: PolicySpec = {
  name: "llm-content-safety",
  summary: "Has prompts and completions looked at by a content safety service.",
  sections: ["inbound", "outbound"],
  scopes: everyScope,
  pending: "checked",
  args: {
    backend: {
      type: "string",
      summary: "Backend of the service.",
      required: true,
      expression: true,
      xml: "@backend-id",
    },
    shieldPrompt: { type: "boolean", summary: "Looks for attacks too.", default: false, expression: true },
    enforceOnCompletions: { type: "boolean", summary: "Looks at completions too.", default: false, expression: true },
    windowSize: {
      type: "integer",
      summary: "Characters looked at at a time.",
      min: 1,
      max: 1_000_000,
      expression: true,
    },
    windowOverlapSize: {
      type: "integer",
      summary: "How far pieces overlap.",
      min: 0,
      max: 1_000_000,
      expression: true,
    },
    outputType: {
      type: "enum",
      summary: "How severity is counted.",
      values: ["FourSeverityLevels", "EightSeverityLevels"],
      expression: true,
      xml: "categories/@output-type",
    },
    categories: {
      type: "list",
      summary: "What is looked for.",
      items: {
        type: "map",
        summary: "A category.",
        entries: {
          name: { type: "enum", summary: "Its name.", values: severities, required: true },
          threshold: {
            type: "integer",
            summary: "Refused from this severity on.",
            required: true,
            min: 0,
            max: 7,
            expression: true,
          },
        },
      },
      xml: "categories/category",
    },
    blocklists: {
      type: "list",
      summary: "Lists of words.",
      items: { type: "string", summary: "Name of a list.", expression: true },
      xml: "blocklists/id",
    },
  },
  example: `llm-content-safety:
  backend: content-safety
  categories: [{ name: Hate, threshold: 4 }]`,
};

const families: readonly Family[] = ["llm", "azure-openai"];

export const llmPolicies: readonly PolicySpec[] = [
  ...families.flatMap((family) => [
    emitTokenMetric(family),
    tokenLimit(family),
    semanticCacheLookup(family),
    semanticCacheStore(family),
  ]),
  llmContentSafety,
];
