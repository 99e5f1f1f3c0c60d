import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { loadText } from "#config/fixture.test-helper.ts";
import type { Artifacts } from "./artifacts.ts";
import { importDocument } from "./import-document.ts";
import { importFolder, type Imported } from "./import-folder.ts";

function inbound(xml: string): string {
  return `<policies><inbound><base />${xml}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`;
}

const entity = (properties: object): string => JSON.stringify({ properties });

function importTexts(files: Readonly<Record<string, string>>): Imported {
  const texts = new Map(Object.entries(files));
  const artifacts: Artifacts = { folder: "in", texts, configurations: new Map(), unread: new Map() };
  return importFolder(artifacts, {}, []);
}

interface Definition {
  readonly certificates?: Readonly<Record<string, { readonly pfx: unknown }>>;
  readonly backends?: Readonly<Record<string, { readonly tls?: unknown }>>;
  readonly environments?: Readonly<Record<string, { readonly values: Readonly<Record<string, unknown>> }>>;
}

function definitionOf({ files }: Imported): Definition {
  return parse(files.get("sallyport.yaml") ?? "") as Definition;
}

const thumbprint = "0123456789ABCDEF0123456789ABCDEF01234567";

describe("certificates of an APIOps folder", () => {
  it("that policies name are read from their vault, or looked for in the environment", () => {
    const imported = importTexts({
      "policy.xml": inbound(`<authentication-certificate thumbprint="${thumbprint.toLowerCase()}" />
        <authentication-certificate certificate-id='client' /><!-- <authentication-certificate certificate-id="old" /> -->
        <authentication-certificate thumbprint="{{Client-Cert}}" />
        <authentication-certificate certificate-id="@(context.Api.Id)" />
        <authentication-certificate certificate-id="elsewhere" />
        <validate-jwt header-name="A"><decryption-keys><key certificate-id="opens" /></decryption-keys></validate-jwt>
        <set-variable name="x" value="@(context.Deployment.Certificates[&quot;signer&quot;].Thumbprint)" />`),
      "certificates/vaulted/certificateInformation.json": entity({
        thumbprint,
        keyVault: { secretIdentifier: "https://my-vault.vault.azure.net/secrets/c", identityClientId: "me" },
      }),
      "certificates/elsewhere/certificateInformation.json": entity({
        keyVault: { secretIdentifier: "https://v.example/secrets/c" },
      }),
      "certificates/unused/certificateInformation.json": entity({ thumbprint: "AB" }),
    });
    assert.deepEqual(definitionOf(imported).certificates, {
      "Client-Cert": { pfx: { env: "CLIENT_CERT_PFX" } },
      client: { pfx: { env: "CLIENT_PFX" } },
      elsewhere: { pfx: { env: "ELSEWHERE_PFX" } },
      opens: { pfx: { env: "OPENS_PFX" } },
      signer: { pfx: { env: "SIGNER_PFX" } },
      vaulted: {
        pfx: {
          keyVault: { secretIdentifier: "https://my-vault.vault.azure.net/secrets/c", identityClientId: "me" },
        },
      },
    });
    const { needs, notes, mapped } = imported.report;
    assert.ok(!needs.some(({ name }) => name === "VAULTED_PFX"));
    const elsewhere = needs.find(({ name }) => name === "ELSEWHERE_PFX");
    assert.match(elsewhere?.message ?? "", /PKCS#12 in base64, from https:\/\/v\.example/);
    assert.ok(mapped.some(({ to }) => to === "certificates.vaulted"));
    assert.ok(
      notes.some(({ from, message }) => from.startsWith("certificates/unused") && /nothing|no policy/.test(message)),
    );
  });

  it("that a policy compares with all of them are all there", () => {
    const imported = importTexts({
      "policy.xml": inbound(
        `<set-variable name="x" value="@(context.Deployment.Certificates.Any(c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint))" />`,
      ),
      "certificates/a/certificateInformation.json": entity({ thumbprint }),
      "certificates/b/certificateInformation.json": entity({}),
    });
    assert.deepEqual(Object.keys(definitionOf(imported).certificates ?? {}), ["a", "b"]);
  });

  it("that backends show are theirs", () => {
    const imported = importTexts({
      "backends/one/backendInformation.json": entity({
        url: "https://one.example",
        credentials: { certificateIds: ["/subscriptions/s/certificates/client"] },
      }),
      "backends/two/backendInformation.json": entity({
        url: "https://two.example",
        credentials: { certificate: [thumbprint, "FF"] },
      }),
      "certificates/known/certificateInformation.json": entity({ thumbprint }),
    });
    const { backends } = definitionOf(imported);
    assert.deepEqual(backends?.["one"]?.tls, { clientCertificate: "client" });
    assert.deepEqual(backends?.["two"]?.tls, { clientCertificate: "known" });
    assert.match(imported.report.unsupported.map(({ message }) => message).join(), /two shows several certificates/);
  });

  it("that clusters of Service Fabric are shown are theirs", () => {
    const imported = importTexts({
      "backends/fabric/backendInformation.json": entity({
        url: "fabric:/shop/orders",
        properties: {
          serviceFabricCluster: {
            managementEndpoints: ["https://one.example:19080/", "https://two.example:19080"],
            clientCertificateId: "/certificates/client",
            maxPartitionResolutionRetries: 50,
            serverCertificateThumbprints: [thumbprint],
          },
        },
      }),
      "backends/bare/backendInformation.json": entity({
        url: "https://elsewhere.example",
        credentials: { header: { a: ["b"] } },
        properties: { serviceFabricCluster: { managementEndpoints: ["http://one.example:19080"] } },
      }),
    });
    const { serviceFabric, backends } = parse(imported.files.get("sallyport.yaml") ?? "") as Record<string, unknown>;
    assert.deepEqual(serviceFabric, {
      bare: { endpoints: [] },
      fabric: {
        endpoints: ["https://one.example:19080", "https://two.example:19080"],
        service: "fabric:/shop/orders",
        clientCertificate: "client",
        retries: 20,
      },
    });
    assert.equal(backends, undefined);
    const { needs, notes, unsupported } = imported.report;
    assert.ok(needs.some(({ name }) => name === "bare.endpoints"));
    assert.ok(notes.some(({ message }) => /authority by ca/.test(message)));
    assert.ok(unsupported.some(({ message }) => message === "the cluster bare goes without its credentials"));
  });

  it("whose names could be none here are told", () => {
    const { report } = importTexts({
      "policy.xml": inbound(
        '<authentication-certificate certificate-id="{{which}}" /><authentication-certificate thumbprint="-" />',
      ),
    });
    assert.match(report.unsupported.map(({ message }) => message).join("\n"), /\{\{which\}\}[^]*thumbprint is none/);
  });

  it("load but for their content, which is looked for", async () => {
    const imported = importTexts({ "policy.xml": inbound('<authentication-certificate certificate-id="client" />') });
    const files = Object.fromEntries(imported.files);
    const { diagnostics } = await loadText(files["sallyport.yaml"] ?? "", { files });
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ["secret-missing"],
    );
  });

  it("of a single document too", () => {
    const imported = importDocument("orders", inbound('<authentication-certificate certificate-id="client" />'), {});
    assert.ok(typeof imported !== "string");
    assert.deepEqual(definitionOf(imported).certificates, { client: { pfx: { env: "CLIENT_PFX" } } });
  });
});

describe("named values that hold certificates", () => {
  it("are not written out", () => {
    const pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    const imported = importTexts({
      "named values/a/namedValueInformation.json": entity({ displayName: "a", value: pem }),
      "named values/b/namedValueInformation.json": entity({ displayName: "b", value: `MII${"A".repeat(600)}==` }),
      "named values/c/namedValueInformation.json": entity({ displayName: "c", value: "MIInor" }),
    });
    assert.deepEqual(definitionOf(imported).environments?.["default"]?.values, {
      a: { env: "A" },
      b: { env: "B" },
      c: "MIInor",
    });
    assert.doesNotMatch([...imported.files.values()].join(), /PRIVATE KEY|AAAA/);
    assert.match(imported.report.needs.map(({ message }) => message).join(), /better under certificates/);
  });
});
