import assert from "node:assert/strict";
import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { after, describe, it } from "node:test";
import { decodeProtectedHeader, jwtVerify } from "jose";
import type { Connection, ConnectionClient } from "#model/connection.ts";
import { Secret } from "#model/secret.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { opensslAbsent, TestCa } from "#upstream/certificates.test-helper.ts";
import { type Exchanged, fetchConnectionToken } from "./connection-token.ts";

const clock = { now: () => Date.now(), mono: () => performance.now() };
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

interface Asked {
  readonly form: Readonly<Record<string, string>>;
  readonly shown: string | undefined;
}

/** A real token endpoint that keeps what it was asked. */
async function endpoint(
  tls: Parameters<typeof createHttpsServer>[0] | null,
  answer: { readonly status: number; readonly body: object } = {
    status: 200,
    body: { access_token: "t", expires_in: 600 },
  },
): Promise<{ readonly url: string; readonly asked: Asked[] }> {
  const asked: Asked[] = [];
  const handler = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const shown = tls === null ? undefined : (request.socket as TLSSocket).getPeerCertificate().fingerprint256;
    asked.push({ form: Object.fromEntries(new URLSearchParams(text)), shown });
    response.writeHead(answer.status, { connection: "close" }).end(JSON.stringify(answer.body));
  };
  const server = tls === null ? createHttpServer(handler) : createHttpsServer(tls, handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `${tls === null ? "http" : "https"}://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    asked,
  };
}

function connection(tokenUrl: string, client: ConnectionClient, more: Partial<Connection> = {}): Connection {
  const base = {
    provider: "c",
    name: "n",
    clientId: "gateway",
    grant: "client-credentials",
    actor: "none",
  } as const;
  return { ...base, tokenUrl, client, scopes: ["a", "b"], parameters: {}, users: [], ...more };
}

function ask(made: Connection, exchanged: Exchanged | null = null, ca: string | null = null) {
  return fetchConnectionToken(made, exchanged, createEgress({ allow: [], ownAddresses: [], clock, ca }), clock);
}

const byBody: ConnectionClient = { kind: "secret", secret: new Secret("test", "s3cret"), in: "body" };

describe("a token of a connection", () => {
  for (const type of ["ec", "rsa", "ed25519"] as const) {
    it(`is had by an assertion that an ${type} key signs, which is for this endpoint and soon over`, async () => {
      const { url, asked } = await endpoint(null);
      const options = type === "ec" ? { namedCurve: "P-256" } : { modulusLength: 2048 };
      const { privateKey } = generateKeyPairSync(type as "ec", options as { namedCurve: string });
      const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
      const key = { kind: "assertion", key: new Secret("test", pem), keyId: "k1", chainPem: null } as const;
      await ask(connection(url, key));
      await ask(connection(url, key));
      const { form } = asked[0] as Asked;
      assert.deepEqual(
        [form["client_id"], form["scope"], form["grant_type"]],
        ["gateway", "a b", "client_credentials"],
      );
      const assertions = asked.map((one) => String(one.form["client_assertion"]));
      const proven = await jwtVerify(assertions[0] as string, createPublicKey(pem), {
        issuer: "gateway",
        subject: "gateway",
        audience: url,
      });
      assert.equal(proven.protectedHeader.kid, "k1");
      assert.equal((proven.payload.exp ?? 0) - (proven.payload.iat ?? 0), 60);
      assert.notEqual(assertions[0], assertions[1]);
    });
  }

  it(
    "is had by a certificate: shown over TLS, or named by its digest in an assertion",
    { skip: opensslAbsent },
    async () => {
      const authority = new TestCa();
      try {
        const server = authority.issue("IP:127.0.0.1");
        const own = authority.issue("DNS:gateway");
        const { url, asked } = await endpoint({
          ...server,
          ca: authority.pem,
          requestCert: true,
          rejectUnauthorized: true,
        });
        const key = new Secret("test", own.key);
        await ask(connection(url, { kind: "certificate", chainPem: own.cert, key }), null, authority.pem);
        assert.equal(asked[0]?.shown, new X509Certificate(own.cert).fingerprint256);
        assert.equal(asked[0]?.form["client_id"], "gateway");
        await assert.rejects(ask(connection(url, byBody), null, authority.pem), { code: "connection-failed" });

        const plain = await endpoint(null);
        await ask(connection(plain.url, { kind: "assertion", key, keyId: null, chainPem: own.cert }));
        const header = decodeProtectedHeader(String(plain.asked[0]?.form["client_assertion"]));
        assert.equal(
          header["x5t#S256"],
          createHash("sha256").update(new X509Certificate(own.cert).raw).digest("base64url"),
        );
      } finally {
        authority.remove();
      }
    },
  );

  it("is asked for on behalf of a caller in Entra ID's words", async () => {
    const { url, asked } = await endpoint(null);
    await ask(connection(url, byBody, { grant: "on-behalf-of" }), { subject: "theirs", actor: null });
    const { grant_type, requested_token_use, assertion } = (asked[0] as Asked).form;
    assert.deepEqual(
      [grant_type, requested_token_use, assertion],
      ["urn:ietf:params:oauth:grant-type:jwt-bearer", "on_behalf_of", "theirs"],
    );
  });

  it("says who acts by an exchanged token, and nothing where it cannot be read", async () => {
    const claims = { act: { sub: "gateway", act: { client_id: "agent" } } };
    const token = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
    for (const [access_token, actors] of [
      [token, ["gateway", "agent"]],
      ["opaque", []],
      ["a.!!.c", []],
    ] as const) {
      const { url } = await endpoint(null, { status: 200, body: { access_token, expires_in: 60 } });
      const found = await ask(connection(url, byBody, { grant: "token-exchange" }), { subject: "theirs", actor: null });
      assert.deepEqual(found.actors, actors);
    }
  });

  it("tells a caller who is refused from a gateway that is", async () => {
    const exchange = { subject: "theirs", actor: null };
    for (const [status, error, code] of [
      [400, "invalid_grant", "exchange-refused"],
      [400, "interaction_required", "exchange-refused"],
      [401, "invalid_client", "connection-failed"],
      [400, "invalid_target", "connection-failed"],
      [500, "invalid_grant", "connection-failed"],
    ] as const) {
      const { url } = await endpoint(null, { status, body: { error, error_description: "theirs" } });
      const made = connection(url, byBody, { grant: "token-exchange" });
      await assert.rejects(ask(made, exchange), (thrown: Error & { code?: string }) => {
        assert.doesNotMatch(thrown.message, /theirs|s3cret/);
        return thrown.code === code;
      });
    }
  });
});
