import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { checkCsharp } from "./check.ts";
import { endOfExpression, startsExpression } from "./syntax/end-of-expression.ts";

const folder = "../shared/corpora";
const index = `${folder}/apim/index.json`;
const skip = existsSync(index) ? false : `corpora absent: ${folder}/apim`;

interface Document {
  readonly path: string;
  readonly expressions: number;
}

/** Expressions that are no C#, or name what API Management does not allow. By the end of the path. */
const broken: readonly (readonly [path: string, count: number, why: string])[] = [
  ["Call out to an HTTP endpoint and cache the response.policy.xml", 5, "damaged quotes"],
  ["Loopback request for service at same API Management service.xml", 1, "damaged quotes"],
  ["Pre-authorize requests based on HTTP method with validate-jwt.policy.xml", 2, "damaged quotes"],
  ["DELETE a from to blobStorage account.xml", 1, "calls a dictionary"],
  ["GET a file from blobStorage account.xml", 1, "calls a dictionary"],
  ["PUT a file to blobStorage account.xml", 1, "calls a dictionary"],
  ["Return a blob URL signed with a user delegation SAS token.xml", 2, "a string where a double is taken"],
];

const entities: Readonly<Record<string, string>> = {
  quot: '"',
  lt: "<",
  gt: ">",
  amp: "&",
  apos: "'",
  "#10": "\n",
  "#13": "\r",
};

/** As a reader of the documents decodes them; named values and placeholders get a value. */
function decoded(source: string): string {
  return source
    .replace(/&(quot|lt|gt|amp|apos|#10|#13);/g, (_all, name: string) => entities[name] ?? "")
    .replace(/\{\{[\w.-]+\}\}/g, "1")
    .replace(/\{group-id\}/g, "1");
}

/** Sources of a document's expressions: behind a quote or a tag, outside of comments. */
function expressionsOf(text: string): string[] {
  const plain = text.replace(/<!--[\s\S]*?-->/g, (comment) => " ".repeat(comment.length));
  const found: string[] = [];
  for (let at = 0; at < plain.length; at++) {
    if (!startsExpression(plain, at) || !/[>"'[]\s*$/.test(plain.slice(Math.max(0, at - 200), at))) continue;
    const end = endOfExpression(plain, at);
    if (!end.ok) {
      found.push(plain.slice(at, at + 40));
      continue;
    }
    found.push(plain.slice(at, end.end));
    at = end.end - 1;
  }
  return found;
}

describe("the expressions of public policy documents", { skip }, () => {
  const documents = skip === false ? (JSON.parse(readFileSync(index, "utf8")) as Document[]) : [];
  let total = 0;
  let compiled = 0;

  for (const { path, expressions } of documents.filter((document) => document.expressions > 0)) {
    it(path, () => {
      const sources = expressionsOf(readFileSync(`${folder}/${path}`, "utf8"));
      assert.equal(sources.length, expressions);
      const problems = sources.flatMap((source) => {
        const problem = checkCsharp(decoded(source));
        return problem === undefined
          ? []
          : [`${problem.message} at ${decoded(source).slice(problem.offset, problem.offset + 40)}`];
      });
      const expected = broken.find(([end]) => path.endsWith(end))?.[1] ?? 0;
      assert.equal(problems.length, expected, problems.join("\n"));
      total += sources.length;
      compiled += sources.length - problems.length;
    });
  }

  it("are all there, and nearly all compile", () => {
    assert.equal(total, 929);
    const hopeless = broken.reduce((sum, [, count]) => sum + count, 0);
    assert.equal(compiled, total - hopeless);
    const damaged = broken.reduce((sum, [, count, why]) => sum + (why === "damaged quotes" ? count : 0), 0);
    assert.ok(compiled / (total - damaged) >= 0.99);
  });
});
