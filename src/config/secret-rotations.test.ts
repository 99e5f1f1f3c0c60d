import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

const trial = `trial: { url: "https://orders.example/health", header: X-Api-Key }`;

async function problemsOf(...entries: readonly string[]): Promise<readonly string[]> {
  const text = `version: 1
apis: { a: { path: /a, backend: b, access: public } }
backends: { b: { url: "http://127.0.0.1:1", headers: { X-Api-Key: { file: keys/a.key } } } }
secretRotations:
${entries.map((entry, at) => `  s${at}: { rotation: 90d, ${entry} }`).join("\n")}
`;
  const { diagnostics } = await loadText(text, { files: { "keys/a.key": "first\n" }, variables: { OTHER: "other" } });
  return diagnostics.map(({ message }) => message);
}

describe("secrets with a schedule", () => {
  it("are in a file and tried before they are used, where somebody makes new ones", async () => {
    const file = "secret: { file: ./keys/a.key }";
    assert.deepEqual(await problemsOf(`${file}, by: { command: [make-key] }, ${trial}`, "secret: { env: OTHER }"), []);
    assert.deepEqual(await problemsOf(`secret: { env: OTHER }, by: { command: [make-key] }, ${trial}`), [
      "only a secret in a file is replaced: s0 has none",
    ]);
    assert.deepEqual(await problemsOf(`${file}, by: { command: [make-key] }`), [
      "a new secret of s0 would be used untried",
    ]);
  });

  it("have one schedule that replaces their file", async () => {
    const made = (path: string): string => `secret: { file: ${path} }, by: { command: [make-key] }, ${trial}`;
    assert.deepEqual(await problemsOf(made("./keys/a.key"), made("keys/a.key")), ["s0 replaces keys/a.key already"]);
    assert.deepEqual(await problemsOf(made("./keys/a.key"), "secret: { file: keys/a.key }"), []);
  });

  it("are asked for over https, and tried as a backend that is there", async () => {
    const by = (endpoint: string): string =>
      `by: { apiManagement: { endpoint: "${endpoint}", azureSubscription: s, resourceGroup: g, service: x, subscription: y } }`;
    const made = (endpoint: string): string => `secret: { file: ./keys/a.key }, ${by(endpoint)}, ${trial}`;
    assert.deepEqual(await problemsOf(made("https://management.azure.com/")), []);
    assert.deepEqual(await problemsOf(made("http://127.0.0.1:1")), []);
    const [clear] = await problemsOf(made("http://management.example"));
    assert.match(clear ?? "", /what is asked over http can be answered by anybody/);
    const named = trial.replace(" }", ", backend: other }");
    assert.deepEqual(await problemsOf(`secret: { file: ./keys/a.key }, by: { command: [make-key] }, ${named}`), [
      "there is no backend other",
    ]);
  });

  it("say who is written to, which takes a mail server", async () => {
    assert.deepEqual(await problemsOf("secret: { env: OTHER }, mailTo: [ops@example.com]"), [
      "s0 has mailTo, and there is no mail server to send by",
    ]);
    const [wrong] = await problemsOf("secret: { env: OTHER }, mailTo: [ops]");
    assert.match(wrong ?? "", /ops is no e-mail address/);
  });
});
