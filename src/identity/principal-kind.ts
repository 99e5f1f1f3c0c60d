import type { PrincipalKind } from "#model/principal.ts";
import { type Claims, textAt } from "./claim-values.ts";

/**
 * Says whether a token stands for a program by itself or for a person. Providers mark the former in their own ways;
 * without any mark it is a person.
 */
export function kindOf(claims: Claims, clientId: string | undefined): PrincipalKind {
  return isService(claims, clientId) ? "service" : "user";
}

function isService(claims: Claims, clientId: string | undefined): boolean {
  const subject = textAt(claims, "sub");
  // RFC 9068 §2.2: without a resource owner, `sub` is the client.
  if (subject !== undefined && subject === clientId) return true;
  return isEntraApp(claims, subject) || isClientCredentials(claims, clientId) || isWorkload(claims, subject);
}

/** Microsoft Entra ID: `idtyp` says so when the app asks for it; else an app has no `scp`, and `sub` is its `oid`. */
function isEntraApp(claims: Claims, subject: string | undefined): boolean {
  if (claims["idtyp"] !== undefined) return claims["idtyp"] === "app";
  const objectId = textAt(claims, "oid");
  return objectId !== undefined && objectId === subject && claims["scp"] === undefined && claims["tid"] !== undefined;
}

/** Auth0 names the grant; Keycloak names its service accounts after the client. */
function isClientCredentials(claims: Claims, clientId: string | undefined): boolean {
  if (claims["gty"] === "client-credentials") return true;
  return clientId !== undefined && claims["preferred_username"] === `service-account-${clientId}`;
}

/** Kubernetes; Google's service accounts, whose domain nobody else has addresses in, where Google says that it is so. */
function isWorkload(claims: Claims, subject: string | undefined): boolean {
  if (subject !== undefined && subject.startsWith("system:serviceaccount:")) return true;
  return claims["email_verified"] === true && (textAt(claims, "email")?.endsWith(".gserviceaccount.com") ?? false);
}
