import { hash, timingSafeEqual } from "node:crypto";
import { GatewayError } from "#model/errors.ts";
import { reasons } from "#model/reasons.ts";
import type { ScimProvider } from "#model/scim.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { ScimError } from "#products/scim/scim-error.ts";
import type { ScimGroups } from "#products/scim/scim-groups.ts";
import type { ScimUsers } from "#products/scim/scim-users.ts";
import type { SitePorts } from "#site/ports.ts";
import { answerAbout } from "./scim-about.ts";
import { answerGroups } from "./scim-groups-calls.ts";
import { type ScimCall, scimCall } from "./scim-request.ts";
import { scimEvent } from "./scim-event.ts";
import { scimProblem } from "./scim-response.ts";
import { answerUsers } from "./scim-users-calls.ts";

export interface ScimPort {
  /** Of the definition in force. */
  readonly providers: () => readonly ScimProvider[];
  readonly users: ScimUsers;
  readonly groups: ScimGroups;
  /** One change after the other: two that read and write the same user would undo each other. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** One list after the other: each may read thousands of users, and others wait for the store as well. */
  readonly listInTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

/**
 * Users and groups as a provider keeps them: `/scim/<provider>/v2/Users`. A provider shows its token, and reaches
 * nobody else's people. @see RFC 7644
 */
export async function scim(request: SiteRequest, { scim: port, events }: SitePorts): Promise<SiteResponse> {
  const [, , name = "", version, ...rest] = request.path.split("/");
  const provider = port.providers().find((one) => one.provider === name);
  if (!showsToken(request, provider)) return unproven();
  if (provider === undefined || version !== "v2") return scimProblem(new ScimError(404, "there is no such resource"));
  try {
    const { provider: own, subject } = provider;
    const call = scimCall(request, { provider: own, subject }, rest);
    const response = await answer(call, port);
    const event = scimEvent(call, response);
    if (event !== undefined) await events.record({ ...event, request: request.id });
    return response;
  } catch (error) {
    return scimProblem(problemOf(error));
  }
}

function answer(call: ScimCall, { users, groups, inTurn, listInTurn }: ScimPort): Promise<SiteResponse> | SiteResponse {
  const work = (): Promise<SiteResponse> =>
    call.resource === "Users" ? answerUsers(call, users) : answerGroups(call, groups);
  if (call.resource !== "Users" && call.resource !== "Groups") return answerAbout(call);
  if (call.method !== "GET") return inTurn(work);
  return call.id === null ? listInTurn(work) : work();
}

/** Compared as digests, so that the time says nothing; where there is no such provider, with what nobody can show. */
function showsToken({ headers }: SiteRequest, provider: ScimProvider | undefined): boolean {
  const [, shown = ""] = /^bearer +([\x21-\x7e]+)$/i.exec(headers["authorization"] ?? "") ?? [];
  const wanted = provider?.token.reveal() ?? "";
  return timingSafeEqual(hash("sha256", shown, "buffer"), hash("sha256", wanted, "buffer")) && wanted !== "";
}

function unproven(): SiteResponse {
  const answered = scimProblem({ status: 401, message: reasons["credentials-missing"].message, scimType: undefined });
  const headers = [...answered.headers, "WWW-Authenticate", "Bearer"];
  return { ...answered, headers, reason: "credentials-missing", detail: "SCIM: no token of such a provider" };
}

/** What the use cases refuse is for the client; everything else is the log's. */
function problemOf(error: unknown): ScimError {
  if (error instanceof ScimError) return error;
  if (error instanceof GatewayError && error.expose && error.status < 500) {
    return new ScimError(
      error.status === 409 ? 409 : 400,
      error.message,
      error.status === 409 ? "uniqueness" : "invalidValue",
    );
  }
  if (error instanceof GatewayError && error.code === "store-unavailable") {
    return new ScimError(503, "the gateway is too busy: try again in a moment");
  }
  if (error instanceof URIError) return new ScimError(400, "the id is malformed", "invalidPath");
  throw error;
}
