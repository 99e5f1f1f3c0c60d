import type { AdminOperation } from "./operation.ts";
import {
  breakGlass,
  decideAccess,
  delegateAccess,
  endDelegation,
  listAccess,
  listApprovals,
  listDelegations,
  listWaiting,
  readAccess,
  requestAccess,
} from "./operations/access.ts";
import { listAnnouncements, resendAnnouncement } from "./operations/announcements.ts";
import { acts, json, operation, reads, type Row } from "./rows.ts";

/** Whoever is known may ask; what it may do beyond that is decided by the approval, and by its other roles. */
const asks = (id: string, path: string, row: Row): AdminOperation => operation(id, "GET", path, "caller", row);
const tells = (id: string, path: string, row: Row): AdminOperation => operation(id, "POST", path, "caller", row);

const whichState: AdminOperation["query"] = {
  state: {
    pattern: "^(pending|active|rejected|withdrawn|lapsed|expired|revoked)$",
    about: "Those in this state alone.",
  },
  limit: { pattern: "^[1-9][0-9]{0,2}$", about: "How many; 100 when absent." },
  after: { pattern: "^[0-9a-f-]{36}$", about: "`next` of the page before." },
};
const ofOne = ["access-request-unknown", "access-request-conflict", "approval-unknown"] as const;
const ofDecision = [...ofOne, "approver-not-allowed", "agent-not-allowed", "credentials-missing"] as const;
const ofNew = ["approval-unknown", "access-request-conflict", "requester-not-allowed", "credentials-missing"] as const;

function decides(step: "approve" | "reject" | "withdraw" | "revoke", summary: string): AdminOperation {
  return tells(`${step}-access`, `/access/requests/{name}/${step}`, {
    summary,
    query: {
      comment: { pattern: "^[^\\p{Cc}]{1,500}$", about: "Why: kept with the step, and in the record of the call." },
    },
    answers: json("AccessRequest"),
    refusals: ofDecision,
    run: decideAccess(step),
  });
}

export const accessOperations: readonly AdminOperation[] = [
  asks("list-approvals", "/access/approvals", {
    summary: "Approvals of the definition: what each opens, and whose word it takes.",
    answers: json("Approvals"),
    run: listApprovals,
  }),
  asks("list-access", "/access/requests", {
    summary: "Access requests of the caller, the newest first; all of them for viewers.",
    query: whichState,
    answers: json("AccessRequests"),
    run: listAccess,
  }),
  asks("list-waiting-access", "/access/waiting", {
    summary: "Access requests that wait for the caller's word.",
    answers: json("AccessRequests"),
    run: listWaiting,
  }),
  tells("request-access", "/access/requests", {
    summary: "Ask for an approval, for the caller.",
    body: "NewAccessRequest",
    answers: json("AccessRequest"),
    refusals: ofNew,
    run: requestAccess,
  }),
  tells("break-glass", "/access/break-glass", {
    summary: "Take an approval in an emergency, without an approver: everybody is told.",
    body: "NewAccessRequest",
    answers: json("AccessRequest"),
    refusals: ofNew,
    run: breakGlass,
  }),
  asks("read-access", "/access/requests/{name}", {
    summary: "One access request with all its steps.",
    answers: json("AccessRequest"),
    refusals: ["access-request-unknown"],
    run: readAccess,
  }),
  decides("approve", "Give one's word to an access request; the last one that it takes puts the approval in force."),
  decides("reject", "Turn an access request down."),
  decides("withdraw", "Take one's own access request back."),
  decides("revoke", "End an approval that is in force: every worker refuses at once."),
  asks("list-delegations", "/access/delegations", {
    summary: "Delegations that the caller has made or was given; all of them for viewers.",
    answers: json("Delegations"),
    run: listDelegations,
  }),
  tells("delegate-access", "/access/delegations", {
    summary: "Let somebody else decide in the caller's place for a while.",
    body: "NewDelegation",
    answers: json("Delegation"),
    refusals: [
      "approver-not-allowed",
      "agent-not-allowed",
      "approval-unknown",
      "access-request-conflict",
      "credentials-missing",
    ],
    run: delegateAccess,
  }),
  reads("list-announcements", "/access/announcements", {
    summary: "Messages about access requests that are not sent yet, and those that were given up; the oldest first.",
    query: {
      state: { pattern: "^(waiting|dead)$", about: "Those in this state alone." },
      limit: { pattern: "^[1-9][0-9]{0,2}$", about: "How many; 100 when absent." },
      after: { pattern: "^[0-9a-f-]{36}$", about: "`next` of the page before." },
    },
    answers: json("Announcements"),
    run: listAnnouncements,
  }),
  acts("resend-announcement", "POST", "/access/announcements/{name}/resend", {
    summary: "Send a message anew that was given up.",
    answers: json("Announcement"),
    refusals: ["announcement-unknown"],
    run: resendAnnouncement,
  }),
  operation("end-delegation", "DELETE", "/access/delegations/{name}", "caller", {
    summary: "End a delegation that the caller has made; every one for operators.",
    answers: json("Delegation"),
    refusals: ["delegation-unknown"],
    run: endDelegation,
  }),
];
