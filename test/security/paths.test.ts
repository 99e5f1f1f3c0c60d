import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { literalSegment } from "#compile/literal-segment.ts";
import { normalisePath } from "#edge/normalise-path.ts";
import { spellSegment } from "#notation/path-segment.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { askRaw, type RawResponse, seeded } from "./raw-client.ts";
import { startStrictOrigin, type StrictOrigin } from "./strict-origin.ts";

const secret = "/admin/secret";

/**
 * What a lenient server makes of a path: cuts parameters off segments, decodes up to three times, takes backslashes for
 * slashes, drops empty and dot segments and the last slash, stops at NUL. Not: letter case, and blanks and semicolons
 * that are encoded once, which are data by RFC 3986.
 */
function lenient(target: string): string {
  let path = (target.split("?")[0] ?? "").replaceAll(/;[^/]*/g, "");
  for (let round = 0; round < 3; round += 1) path = decodeOnce(path);
  const kept: string[] = [];
  for (const segment of (path.split("\0")[0] ?? "").replaceAll("\\", "/").split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return `/${kept.join("/")}`;
}

function decodeOnce(text: string): string {
  return text.replaceAll(/%([0-9a-fA-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Ways to write one character of the protected path, and ways to write what stands between its segments. */
function spellings(character: string): readonly string[] {
  const hex = character.charCodeAt(0).toString(16);
  return [
    `%${hex}`,
    `%${hex.toUpperCase()}`,
    `%25${hex}`,
    `%2525${hex}`,
    `%${[...hex].map((digit) => `%3${digit}`).join("")}`,
    `%25%3${hex[0]}%3${hex[1]}`,
    `%u00${hex}`,
    `${character}%00`,
    `${character};x=1`,
    `${character}%3bx`,
    `${character}%253bx`,
    `${character}%20`,
    `${character}.`,
    character.toUpperCase(),
    // Full-width forms, which some servers map to ASCII.
    encodeURIComponent(String.fromCharCode(character.charCodeAt(0) + 0xfee0)),
    `%c1%${(0x80 | (character.charCodeAt(0) & 0x3f)).toString(16)}`,
  ];
}

const separators = [
  "/",
  "//",
  "/./",
  "/.//",
  "/x/../",
  "/%2e/",
  "/x/%2e%2e/",
  "/x/.%2E/",
  "/x/%252e%252e/",
  "/x/..;/",
  "/;/",
  "/;a=b/",
  "%2f",
  "%2F",
  "%252f",
  "%25252f",
  "\\",
  "%5c",
  "%255c",
  "/\\",
  "%c0%af",
  "%e0%80%af",
  "%ef%bc%8f",
  "%u2215",
  "/%20/",
  "/%00/",
  "/%09/",
];

const openings = [
  "/files/",
  "//files/",
  "/files//",
  "/./files/",
  "/x/../files/",
  "/%66iles/",
  "/files/x/../",
  "/FILES/",
];

function targets(): string[] {
  const made: string[] = [];
  for (const separator of separators) for (const opening of openings) made.push(`${opening}admin${separator}secret`);
  for (const at of [0, 3, 4, 6, 11]) {
    const plain = "admin/secret";
    for (const spelling of spellings(plain[at] ?? ""))
      made.push(`/files/${plain.slice(0, at)}${spelling}${plain.slice(at + 1)}`);
  }
  for (const end of ["?", "?x", "#", "%23", "%3f", "%3Fx", "/.", "/..", "/x/..", ";", "%3b", "/%2e", ".", "%2e", "~"]) {
    made.push(`/files/admin/secret${end}`);
  }
  const next = seeded(11);
  for (let round = 0; round < 250; round += 1) {
    let target = openings[next(openings.length)] ?? "";
    for (const character of "admin/secret") {
      const others = character === "/" ? separators : spellings(character);
      target += next(4) === 0 ? (others[next(others.length)] ?? "") : character;
    }
    made.push(target);
  }
  return made;
}

describe("a protected operation beside a public one", () => {
  let origin: StrictOrigin;
  let gateway: TestGateway;

  before(async () => {
    origin = await startStrictOrigin();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  files:
    path: /files
    backend: up
    operations:
      secret: { method: "*", path: ${secret}, access: [{ allow: '"x-pass" in request.headers' }] }
      open: { method: "*", path: "/{*rest}", access: public }
backends: { up: { url: "${origin.url}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await origin.close();
  });

  async function all(paths: readonly string[], fields: readonly string[]): Promise<RawResponse[]> {
    const answers: RawResponse[] = [];
    for (let at = 0; at < paths.length; at += 16) {
      const batch = paths.slice(at, at + 16).map((path) => askRaw(gateway, path, fields));
      answers.push(...(await Promise.all(batch)));
    }
    return answers;
  }

  it("is not reached by any spelling of its path", async () => {
    const paths = targets();
    origin.requests.length = 0;
    const answers = await all(paths, []);
    const reached = origin.requests.filter(({ target }) => lenient(target) === secret);
    assert.deepEqual(
      reached.map(({ target }) => target),
      [],
    );
    const passed = answers.filter(({ status }) => status === 200).length;
    assert.equal(origin.requests.length, passed);
    assert.ok(passed > 50 && passed < paths.length / 2, `${passed} of ${paths.length} were another path's`);
    assert.ok(answers.every(({ status }) => [200, 400, 401, 404].includes(status)));
  });

  it("is reached as it was matched by whom its policy lets in: one spelling goes on", async () => {
    const paths = targets();
    origin.requests.length = 0;
    await all(paths, ["X-Pass: yes"]);
    const forms = new Set(origin.requests.map(({ target }) => target).filter((target) => lenient(target) === secret));
    assert.deepEqual(
      [...forms].map((target) => target.split("?")[0]).filter((path) => path !== secret),
      [],
    );
    assert.ok(forms.has(secret));
  });

  it("forwards what it matched, for whatever passes", async () => {
    const paths = targets();
    origin.requests.length = 0;
    for (const path of paths) {
      const { status } = await askRaw(gateway, path);
      if (status !== 200) continue;
      const expected = (normalisePath(path.split("?")[0] ?? "") ?? "refused").slice("/files".length) || "/";
      assert.equal(origin.requests.at(-1)?.target.split("?")[0], expected, path);
    }
  });

  it("is not reached through an absolute target, a method or a header that names another path", async () => {
    origin.requests.length = 0;
    const tries = [
      askRaw(gateway, "http://localhost/files/admin/secret"),
      askRaw(gateway, "http://localhost/files//admin/secret", [], "POST"),
      askRaw(gateway, "/files/admin/secret", [], "HEAD"),
      askRaw(gateway, "/files/admin/secret", [], "PROPFIND"),
      askRaw(gateway, "/files/admin/secret", ["Origin: http://x", "Access-Control-Request-Method: GET"], "OPTIONS"),
    ];
    for (const answer of await Promise.all(tries)) assert.ok(answer.status >= 400, String(answer.status));
    assert.equal(origin.requests.length, 0);
  });
});

/** Three rooms spell a path segment; where they differ, an operation is there that nobody reaches, or worse. */
describe("the spelling of a segment", () => {
  const pieces = [..."ab.;:@+~!$&'()*,=-_é %/\\\u0000\u007f<\u{1f600}"].flatMap((character) => {
    const octets = [...Buffer.from(character)].map((byte) => byte.toString(16).padStart(2, "0"));
    return [character, octets.map((hex) => `%${hex}`).join(""), octets.map((hex) => `%${hex.toUpperCase()}`).join("")];
  });
  pieces.push("%25", "%2541", "%41", "%252f", "%2e", "%c0%af", "%ff", "%", "%4");

  it("is the same at the edge, in a definition and in the router", () => {
    const next = seeded(5);
    let agreed = 0;
    for (let round = 0; round < 30_000; round += 1) {
      const text = Array.from({ length: 1 + next(4) }, () => pieces[next(pieces.length)] ?? "").join("");
      const normal = normalisePath(`/${text}`);
      const isSegment = normal !== null && !text.includes("/") && normal !== "/";
      if (isSegment) {
        assert.equal(spellSegment(text), normal.slice(1), `${JSON.stringify(text)} as a template's`);
        assert.equal(literalSegment(text), normal.slice(1), `${JSON.stringify(text)} as the router's`);
        agreed += 1;
      }
      const spelled = text.includes("/") ? undefined : spellSegment(text);
      if (spelled === undefined || spelled === "") continue;
      assert.equal(normalisePath(`/${spelled}`), `/${spelled}`, `${JSON.stringify(text)} is never asked for`);
      assert.equal(literalSegment(spelled), spelled);
    }
    assert.ok(agreed > 3000, String(agreed));
  });
});
