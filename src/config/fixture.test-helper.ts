import { loadDefinition, type LoadResult } from "./load.ts";

export interface LoadTestOptions {
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly values?: Readonly<Record<string, string>>;
  readonly now?: number;
}

/** Loads a definition from memory: `/gateway/sallyport.yaml` and the files beside it. */
export function loadText(text: string, options: LoadTestOptions = {}): Promise<LoadResult> {
  const files = new Map<string, string | Uint8Array>(Object.entries({ "sallyport.yaml": text, ...options.files }));
  return loadDefinition({
    file: "/gateway/sallyport.yaml",
    variables: options.variables ?? {},
    ...(options.now === undefined ? {} : { now: options.now }),
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.values === undefined ? {} : { values: options.values }),
    readFile: async (path) => {
      const found = files.get(path.replace(/^\/gateway\//, ""));
      if (found === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      return typeof found === "string" ? new TextEncoder().encode(found) : found;
    },
  });
}

/** `code line:column` of each problem, in order. */
export function codes({ diagnostics }: LoadResult): readonly string[] {
  return diagnostics.map(({ code, at }) => `${code} ${at.line}:${at.column}`);
}
