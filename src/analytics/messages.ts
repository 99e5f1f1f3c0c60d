import type { MessagePort } from "node:worker_threads";
import type { ErrorMessage } from "#storage/store-messages.ts";
import type { Keep } from "./levels.ts";
import type { Answer, Question } from "./question.ts";

export interface AnalyticsStart {
  readonly path: string;
  readonly keep: Keep;
}

export type ToAnalytics =
  | { readonly type: "worker"; readonly port: MessagePort }
  | { readonly type: "keep"; readonly keep: Keep }
  | { readonly type: "ask"; readonly id: number; readonly question: Question; readonly now: number }
  | { readonly type: "close" };

export type FromAnalytics =
  | { readonly type: "ready"; readonly setAside: string | null }
  | { readonly type: "failed"; readonly error: ErrorMessage }
  | { readonly type: "answer"; readonly id: number; readonly answer: Answer }
  | { readonly type: "refused"; readonly id: number; readonly error: ErrorMessage }
  /** Calls that were counted under `other`, by dimension. */
  | { readonly type: "beyond"; readonly beyond: readonly (readonly [string, number])[] }
  /** Calls that are not counted, since they could not be written. */
  | { readonly type: "lost"; readonly calls: number; readonly why: string };
