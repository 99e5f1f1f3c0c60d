import { X509Certificate } from "node:crypto";
import { readClientCertificate } from "#edge/client-certificate.ts";
import { Exchange, type TlsFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock, OwnerFacts } from "#model/ports.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import type { WorkbenchContext, WorkbenchSubscription } from "./context.ts";
import { HttpFileProblem, type WrittenRequest } from "./http-file.ts";
import type { KeptClient } from "./kept-client.ts";
import { WholeBody } from "./whole-body.ts";

/** The request as the edge would have handed it on. @throws HttpFileProblem for a URL that is none */
export function exchangeFor(
  { method, target, headers, body }: WrittenRequest,
  { client: { address = "203.0.113.7", certificate } = {} }: WorkbenchContext,
  client: KeptClient,
  clock: Clock,
  id: string,
): Exchange {
  const list = new HeaderList([...headers]);
  const authority = list.get("host") ?? "gateway.example";
  const url = URL.parse(target.startsWith("/") ? `https://${authority}${target}` : target);
  if (url === null) throw new HttpFileProblem(`${target} is no URL`);
  if (!list.has("host")) list.append("Host", url.host);
  return new Exchange(
    {
      id,
      startedAt: clock.now(),
      startedMono: clock.mono(),
      protocol: "HTTP/1.1",
      scheme: url.protocol === "http:" ? "http" : "https",
      method,
      host: url.hostname.replace(/^\[|\]$/g, "").toLowerCase(),
      authority: url.host,
      target: `${url.pathname}${url.search}`,
      path: url.pathname,
      query: url.search.slice(1),
      headers: list,
      body: body === null ? null : new WholeBody(body),
      upgrade: null,
      peerAddress: address,
      clientAddress: address,
      peerTrusted: false,
      tls: certificate === undefined ? null : shownBy(certificate),
    },
    client,
  );
}

/** A handshake of a client with this certificate. @throws HttpFileProblem for what is none */
function shownBy(pem: string): TlsFacts {
  const handshake = { version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", serverName: null } as const;
  try {
    const der = new Uint8Array(new X509Certificate(pem).raw);
    return { ...handshake, certificate: readClientCertificate(der), certificateProblem: null };
  } catch {
    throw new HttpFileProblem("client.certificate is no certificate in PEM form");
  }
}

/** What the context says of the subscription, as the key index would. */
export function subscriptionOf({ subscription, product }: WorkbenchContext): Exchange["subscription"] {
  if (subscription === undefined) return null;
  const { id, name = null, createdDate, startDate, endDate } = subscription;
  const owner = ownerOf(subscription);
  const details = {
    displayName: name,
    createdAt: timeOf(createdDate) ?? 0,
    startedAt: timeOf(startDate),
    endsAt: timeOf(endDate),
    owner: () => owner,
  };
  return { id, scope: product === undefined ? "all" : `product:${product.name}`, by: "key", details };
}

function ownerOf({ owner }: WorkbenchSubscription): OwnerFacts | null {
  if (owner === undefined) return null;
  const { id, email = "", firstName = "", lastName = "", note = "", groups = [], registrationDate } = owner;
  const named = groups.map((name) => ({ id: name, name }));
  const registeredAt = timeOf(registrationDate) ?? 0;
  return { id, state: "active", email, firstName, lastName, note, groups: named, identities: [], registeredAt };
}

function timeOf(text: string | undefined): number | null {
  return text === undefined ? null : Date.parse(text);
}

/** Who the context says it is, as a token would have. */
export function principalOf({ user }: WorkbenchContext): Principal {
  if (user === undefined) return anonymous;
  const { id, email, name, groups = [], provider = "workbench" } = user;
  return {
    ...anonymous,
    id: `${provider}||${id}`,
    kind: "user",
    issuer: provider,
    subject: id,
    provider,
    groups,
    authMethod: "token",
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { displayName: name }),
  };
}
