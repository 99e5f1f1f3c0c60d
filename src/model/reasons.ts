/**
 * The closed list of reasons: why a request was refused, or how it ended. A decision explains itself by these
 * codes; they are API, listed in docs/reference/reasons.md, never renamed.
 */
export interface Reason {
  /** The status the client sees unless a policy's own setting says otherwise. */
  readonly status: number;
  /** One sentence for the client; holds nothing internal. */
  readonly message: string;
  /** What would have to change for this request to pass; for `sallyport explain`. */
  readonly remedy: string;
}

const reason = (status: number, message: string, remedy: string): Reason => ({ status, message, remedy });

export type ReasonCode =
  // edge
  | "malformed-request"
  | "malformed-host"
  | "malformed-path"
  | "method-not-supported"
  | "transfer-coding-unknown"
  | "content-coding-unsupported"
  | "body-too-large"
  | "body-timeout"
  | "length-required"
  | "headers-too-large"
  | "headers-timeout"
  | "route-not-found"
  | "method-not-allowed"
  | "refused-by-policy"
  | "connection-dropped"
  | "misdirected-request"
  | "insecure-scheme"
  | "proxy-not-trusted"
  | "forward-auth-caller-not-allowed"
  | "forward-auth-malformed"
  | "forward-auth-not-offered"
  | "upgrade-not-allowed"
  | "handshake-invalid"
  // identity
  | "key-missing"
  | "key-invalid"
  | "key-not-in-scope"
  | "credentials-missing"
  | "token-malformed"
  | "token-algorithm-not-allowed"
  | "token-issuer-unknown"
  | "token-key-unknown"
  | "token-signature-invalid"
  | "token-expired"
  | "token-not-yet-valid"
  | "token-audience-not-allowed"
  | "token-type-not-allowed"
  | "token-claim-missing"
  | "token-claim-not-allowed"
  | "token-missing"
  | "token-certificate-mismatch"
  | "token-revoked"
  | "principal-revoked"
  | "token-not-bound"
  | "actor-not-allowed"
  | "dpop-proof-missing"
  | "dpop-proof-invalid"
  | "dpop-proof-replayed"
  | "dpop-nonce-required"
  | "certificate-required"
  | "certificate-not-trusted"
  | "certificate-not-allowed"
  | "certificate-revoked"
  | "certificate-status-unknown"
  | "groups-unavailable"
  | "user-blocked"
  | "user-unknown-here"
  | "membership-missing"
  | "provider-unavailable"
  | "password-invalid"
  | "password-attempts-exceeded"
  | "password-check-unavailable"
  | "session-ended"
  | "cross-site-request"
  | "login-expired"
  | "login-failed"
  | "logout-token-invalid"
  // access and policy
  | "maintenance"
  | "access-denied"
  | "access-rule-failed"
  | "group-missing"
  | "app-role-missing"
  | "scope-missing"
  | "outside-hours"
  | "approval-required"
  | "agent-not-allowed"
  | "authentication-too-weak"
  | "address-not-allowed"
  | "header-missing"
  | "header-not-allowed"
  | "rate-limit-exceeded"
  | "quota-exceeded"
  | "concurrency-exceeded"
  | "limiter-key-empty"
  | "origin-not-allowed"
  | "request-not-valid"
  | "response-not-valid"
  | "callback-invalid"
  | "expression-failed"
  | "policy-failed"
  | "service-refused"
  | "managed-identity-failed"
  | "connection-failed"
  | "token-exchange-refused"
  | "egress-not-allowed"
  | "auth-service-denied"
  | "auth-service-failed"
  // files
  | "file-not-found"
  | "file-forbidden"
  | "file-changed"
  // admin
  | "role-missing"
  | "media-type-not-supported"
  | "precondition-missing"
  | "configuration-conflict"
  | "configuration-drift"
  | "configuration-invalid"
  | "configuration-read-only"
  | "configuration-failed"
  | "history-entry-unknown"
  | "entry-unknown"
  | "entry-not-editable"
  | "internal-ca-absent"
  | "subscription-unknown"
  | "subscription-conflict"
  | "revocation-unknown"
  | "revocation-conflict"
  | "session-unknown"
  | "api-unknown"
  | "operation-unknown"
  | "secret-unknown"
  | "secret-unchanged"
  | "debug-token-unknown"
  | "debug-tokens-many"
  | "trace-unknown"
  | "user-unknown"
  | "user-conflict"
  | "approval-unknown"
  | "access-request-unknown"
  | "access-request-conflict"
  | "requester-not-allowed"
  | "approver-not-allowed"
  | "delegation-unknown"
  | "announcement-unknown"
  | "form-not-accepted"
  | "link-not-valid"
  | "signature-not-valid"
  // upstream
  | "upstream-connect-failed"
  | "upstream-timeout"
  | "upstream-reset"
  | "upstream-malformed"
  | "upstream-coding-unsupported"
  | "upstream-too-large"
  | "upstream-truncated"
  | "upstream-unavailable"
  | "upstream-status"
  | "upgrade-declined"
  // how it ended
  | "stream-idle"
  | "access-withdrawn"
  | "client-aborted"
  | "shutting-down"
  | "overloaded"
  | "record-unavailable"
  | "internal-error";

export const reasons: Readonly<Record<ReasonCode, Reason>> = {
  "malformed-request": reason(400, "The request is malformed.", "Send a request that follows RFC 9112 or RFC 9113."),
  "malformed-host": reason(400, "The Host of the request is missing or invalid.", "Send exactly one valid Host."),
  "malformed-path": reason(
    400,
    "The path of the request is malformed.",
    "Send a path without encoded slashes, backslashes, semicolons or control characters.",
  ),
  "method-not-supported": reason(
    405,
    "This method is not supported.",
    "Use another method: CONNECT and TRACE are never forwarded.",
  ),
  "transfer-coding-unknown": reason(501, "This transfer coding is not supported.", "Use chunked, or a Content-Length."),
  "content-coding-unsupported": reason(
    415,
    "A policy reads this body, and its Content-Encoding cannot be decoded here.",
    "Send it plain, or in gzip, br, zstd or deflate.",
  ),
  "body-too-large": reason(413, "The request body is too large.", "Send less, or raise the body limit of the route."),
  "body-timeout": reason(
    408,
    "The request body did not arrive in time.",
    "Send the body faster, or raise the body time-out.",
  ),
  "length-required": reason(
    411,
    "The request body needs a Content-Length.",
    "Send the body's length, or a shorter body: the application has to be told how much will come.",
  ),
  "headers-too-large": reason(431, "The request headers are too large.", "Send fewer or shorter headers."),
  "headers-timeout": reason(408, "The request headers did not arrive in time.", "Send the headers faster."),
  "route-not-found": reason(404, "Resource not found", "Call a host and path that the definition serves."),
  "method-not-allowed": reason(405, "This method is not allowed here.", "Use one of the methods in Allow."),
  "refused-by-policy": reason(403, "Access denied.", "Look at the policy refuse that the record names."),
  "connection-dropped": reason(
    403,
    "Access denied.",
    "A policy drop-connection ends the connection without an answer: look at its condition.",
  ),
  "misdirected-request": reason(421, "This host is not served on this connection.", "Open a connection for that host."),
  "insecure-scheme": reason(403, "This resource is served over HTTPS only.", "Use https."),
  "proxy-not-trusted": reason(
    403,
    "Access denied.",
    "Send the request through the proxy in front, which proves itself by the header of edge.proxySecret.",
  ),
  "forward-auth-caller-not-allowed": reason(
    403,
    "This caller may not ask for decisions.",
    "Name the proxy's address under edge.forwardAuth.callers, and have it send the secret if there is one.",
  ),
  "forward-auth-malformed": reason(
    400,
    "The request that is asked about is not told completely.",
    "Have the proxy send X-Forwarded-Method, -Proto, -Host, -Uri and -For, each once: docs/howto/forward-auth.md.",
  ),
  "forward-auth-not-offered": reason(
    403,
    "Access denied.",
    "Write forwardAuth: true at the API, or send the request to this gateway itself.",
  ),
  "upgrade-not-allowed": reason(
    403,
    "This operation does not take this upgrade.",
    "List the protocol under upgrades of the API or the operation; bodies of switched connections cannot be rewritten.",
  ),
  "handshake-invalid": reason(
    400,
    "The WebSocket handshake is invalid.",
    "Send one Sec-WebSocket-Key of 16 bytes in base64 and Sec-WebSocket-Version: 13 (RFC 6455).",
  ),
  "key-missing": reason(
    401,
    "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.",
    "Send a subscription key.",
  ),
  "key-invalid": reason(
    401,
    "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.",
    "Send the key of an active subscription.",
  ),
  "key-not-in-scope": reason(
    401,
    "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.",
    "The key is good, but its subscription does not cover this API: subscribe to a product that holds it.",
  ),
  "credentials-missing": reason(401, "Access denied: no identity was presented.", "Log in, or send a token or a key."),
  "token-malformed": reason(401, "The token is malformed.", "Send a signed JWT in compact form."),
  "token-algorithm-not-allowed": reason(
    401,
    "The token's algorithm is not allowed.",
    "Have the issuer sign with an algorithm that its keys are published for.",
  ),
  "token-issuer-unknown": reason(
    401,
    "The token's issuer is not known here.",
    "Get a token from a provider in the definition.",
  ),
  "token-key-unknown": reason(
    401,
    "The token's signing key is not known.",
    "Get a fresh token; if that fails, the issuer's key set lacks the key.",
  ),
  "token-signature-invalid": reason(401, "The token's signature is not valid.", "Get a fresh token from the issuer."),
  "token-expired": reason(401, "The token has expired.", "Get a fresh token."),
  "token-not-yet-valid": reason(401, "The token is not valid yet.", "Wait, or correct the clocks."),
  "token-audience-not-allowed": reason(
    401,
    "The token is meant for another audience.",
    "Ask the issuer for a token with this API's audience.",
  ),
  "token-type-not-allowed": reason(
    401,
    "This kind of token is not accepted here.",
    "Send an access token, not an ID token.",
  ),
  "token-claim-missing": reason(401, "The token lacks a required claim.", "Get a token that carries the claim."),
  "token-claim-not-allowed": reason(
    401,
    "A claim of the token has a value that is not allowed.",
    "Get a token whose claim has an allowed value.",
  ),
  "token-missing": reason(401, "JWT not present.", "Send Authorization: Bearer with a token."),
  "token-certificate-mismatch": reason(
    401,
    "The token is bound to another client certificate.",
    "Send the token over a connection with the certificate that it was issued for (RFC 8705).",
  ),
  "token-revoked": reason(
    401,
    "The token has been revoked.",
    "Get a fresh token. `npx sallyport revocations list` shows what is revoked, and `lift` takes it back.",
  ),
  "principal-revoked": reason(
    403,
    "This caller's access has been revoked.",
    "`npx sallyport revocations list` shows who is revoked and why, and `lift` takes it back.",
  ),
  "token-not-bound": reason(
    401,
    "The token is not bound to a key.",
    "Get a token with DPoP (RFC 9449), or send this one as Authorization: Bearer if its provider allows that.",
  ),
  "actor-not-allowed": reason(
    403,
    "Whoever acts may not act for this caller.",
    "Let an agent or a service act, and one that may_act of the caller's token names where it names any.",
  ),
  "dpop-proof-missing": reason(
    401,
    "The token is bound to a key, and no proof came with it.",
    "Send Authorization: DPoP with the token, and in the header DPoP a proof by its key (RFC 9449).",
  ),
  "dpop-proof-invalid": reason(
    401,
    "The DPoP proof is not valid for this request.",
    "Make a proof for each request, with its method and URL, the time, and the hash of the token.",
  ),
  "dpop-proof-replayed": reason(
    401,
    "The DPoP proof has been used before.",
    "Make a proof for each request, with a jti of its own.",
  ),
  "dpop-nonce-required": reason(
    401,
    "The DPoP proof has no nonce of this gateway's, or an old one.",
    "Make the proof anew with the nonce in the answer's header DPoP-Nonce; each new one replaces the one before.",
  ),
  "certificate-required": reason(
    403,
    "A client certificate is required.",
    "Open a new connection with a certificate of an authority under edge.clientCertificates.",
  ),
  "certificate-not-trusted": reason(
    403,
    "The client certificate is not trusted.",
    "Send a valid certificate, with its intermediates, of an authority under edge.clientCertificates.",
  ),
  "certificate-not-allowed": reason(
    403,
    "This client certificate may not call here.",
    "Send one that the identities of validate-client-certificate name.",
  ),
  "certificate-revoked": reason(
    403,
    "The client certificate was revoked.",
    "Send another one: its issuer has taken this one, or that of an issuer, back.",
  ),
  "certificate-status-unknown": reason(
    403,
    "Nobody could say whether the client certificate was revoked.",
    "See that the OCSP responder or revocation list that the certificate names can be reached and is up to date, or set validateRevocation to false.",
  ),
  "groups-unavailable": reason(
    503,
    "The caller's groups cannot be had now.",
    "Try again soon; the record says what the directory answered. See howto/tokens.md for the permissions it takes.",
  ),
  "user-blocked": reason(
    403,
    "This user may not call here.",
    "`npx sallyport users activate` takes the user again; one that SCIM has deactivated is activated at the provider.",
  ),
  "user-unknown-here": reason(
    403,
    "You are not known here.",
    "Have the provider's administrators assign you to the gateway's application, or let users be made by login (users.provision).",
  ),
  "membership-missing": reason(
    403,
    "You are not a member of a product with this API.",
    "Join a group that `members` of a product with this API names, or send a subscription key of one.",
  ),
  "provider-unavailable": reason(
    503,
    "The identity provider cannot be reached.",
    "Try again; check the provider's address and certificate.",
  ),
  "password-invalid": reason(
    401,
    "The user or the password is not right.",
    "Send a user of the API's list in identity.basic with the right password, as UTF-8.",
  ),
  "password-attempts-exceeded": reason(
    429,
    "Too many wrong passwords.",
    "Wait as long as Retry-After says: so many were wrong, from this address or for this user.",
  ),
  "password-check-unavailable": reason(
    503,
    "Passwords cannot be checked now. Try again.",
    "Try again; if it stays so, lower the cost of the hashes, or have more workers.",
  ),
  "session-ended": reason(
    401,
    "The session has ended.",
    "Log in again: at /.sallyport/login, where a browser is led by itself.",
  ),
  "cross-site-request": reason(
    403,
    "The request came from another site.",
    "Send it from a page of this very host, with Origin or Sec-Fetch-Site, or with a token in place of the session or the password.",
  ),
  "login-expired": reason(
    400,
    "This login has taken too long, or was begun in another browser.",
    "Log in again, in one browser and within a quarter of an hour; the browser must keep cookies.",
  ),
  "login-failed": reason(
    403,
    "The login did not succeed.",
    "Look at the detail for what the provider said; it may know the person, the client or the redirect address otherwise.",
  ),
  "logout-token-invalid": reason(
    400,
    "The logout token is not valid.",
    "Send a logout token as OpenID Connect Back-Channel Logout has it, once, for this client.",
  ),
  maintenance: reason(
    503,
    "This is closed for maintenance.",
    "Try again when Retry-After says; the definition's maintenance setting opens it again.",
  ),
  "access-denied": reason(
    403,
    "Access denied.",
    "Give the caller what one of the operation's access rules asks for (the detail says where they stand), or write a rule that allows it.",
  ),
  "access-rule-failed": reason(
    403,
    "Access denied.",
    "Correct the access rule that the detail names, so that it holds for requests without what it asks about: an error is a denial.",
  ),
  "group-missing": reason(
    403,
    "This takes membership of a group that your identity does not have.",
    "Have the provider put the caller into the group that the rule asks for, then get a fresh token.",
  ),
  "app-role-missing": reason(
    403,
    "This takes a role that your identity does not have.",
    "Have the provider give the caller the role that the rule asks for, then get a fresh token.",
  ),
  "scope-missing": reason(
    403,
    "This takes a scope that your token does not have.",
    "Ask the provider for a token with the scope that the rule asks for.",
  ),
  "outside-hours": reason(403, "This is not open at this time.", "Call again within the hours that the rule allows."),
  "approval-required": reason(
    403,
    "This takes an approval that you do not have now.",
    "Ask for the approval, and have its approvers approve: `sallyport access request`, or the page /.sallyport/access.",
  ),
  "agent-not-allowed": reason(
    403,
    "This is not open to agents that act for somebody.",
    "Call as the person or service itself, without an actor.",
  ),
  "authentication-too-weak": reason(
    403,
    "This takes a stronger way of logging in.",
    "Log in again in the way that the rule asks for, such as with a second factor.",
  ),
  "address-not-allowed": reason(403, "Forbidden", "Call from an allowed address."),
  "header-missing": reason(401, "A required header is missing.", "Send the header."),
  "header-not-allowed": reason(401, "A header has a value that is not allowed.", "Send an allowed value."),
  "rate-limit-exceeded": reason(429, "Rate limit is exceeded.", "Wait as long as Retry-After says."),
  "quota-exceeded": reason(403, "Out of call volume quota.", "Wait until the quota is replenished."),
  "concurrency-exceeded": reason(
    429,
    "Too many requests are being served. Try again later.",
    "Wait for an answer before the next request, or raise maxCount of limit-concurrency.",
  ),
  "limiter-key-empty": reason(
    403,
    "Access denied.",
    "Have the request carry what the limiter's key is made of, or give the key another value where it is absent: an empty one is a refusal, not one bucket for all.",
  ),
  "origin-not-allowed": reason(
    403,
    "This origin is not allowed.",
    "Add the origin to the cors policy; the admin API is for its own origin only.",
  ),
  "request-not-valid": reason(
    400,
    "The request does not conform to the API's description.",
    "Send what the API's OpenAPI description says; the message names what is wrong.",
  ),
  "response-not-valid": reason(
    502,
    "The request could not be processed due to an internal error. Contact the API owner.",
    "Correct the response, or the OpenAPI description: sallyport explain says what does not fit.",
  ),
  "callback-invalid": reason(
    400,
    "The name of the callback is not a valid JavaScript identifier.",
    "Send one name of letters, digits, _ and $, at most 128 characters.",
  ),
  "expression-failed": reason(
    500,
    "Internal server error",
    "Correct the expression that the record names; `npx sallyport trace` shows what it was asked about.",
  ),
  "policy-failed": reason(
    500,
    "Internal server error",
    "Look at the policy that the record names, and at what it needs; `npx sallyport trace` shows its values.",
  ),
  "connection-failed": reason(
    500,
    "Internal server error",
    "No token of a connection could be had: the record says which and why; look at its credentials under connections.",
  ),
  "token-exchange-refused": reason(
    403,
    "Your identity cannot be used at the service behind this API.",
    "Call with a token that the authorization server exchanges: the record says what it answered.",
  ),
  "service-refused": reason(
    500,
    "Internal server error",
    "A service that a policy sent something to answered with an error: the record says which service and status.",
  ),
  "managed-identity-failed": reason(
    500,
    "The gateway could not authenticate itself.",
    "Look for `managed identity` in the gateway's log: it says who gave no token, and why.",
  ),
  "egress-not-allowed": reason(502, "The destination is not allowed.", "List the destination under egress.allow."),
  "file-not-found": reason(404, "Resource not found", "Put the file there, or correct the path."),
  "file-forbidden": reason(403, "Forbidden", "Give the gateway's user the right to read the file and its folders."),
  "file-changed": reason(
    500,
    "The file changed while it was sent.",
    "Ask again; replace files by renaming new ones over them, not by writing into them.",
  ),
  "role-missing": reason(
    403,
    "Your identity does not have the role that this takes.",
    "Have admin.roles give the role to this principal.",
  ),
  "media-type-not-supported": reason(
    415,
    "This media type is not supported here.",
    "Send application/yaml, or application/json with files.",
  ),
  "precondition-missing": reason(
    428,
    "A change needs If-Match with the ETag of the configuration that it is based on.",
    "Read /config first, and send its ETag as If-Match.",
  ),
  "configuration-conflict": reason(
    412,
    "The configuration in force is not the one that the change is based on.",
    "Read it again, make the change on it, and send its new ETag as If-Match.",
  ),
  "configuration-drift": reason(
    409,
    "Files of the configuration were changed on the disk and are not in force.",
    "Reload or repair them, or say that they are to be discarded.",
  ),
  "configuration-invalid": reason(
    422,
    "The configuration has errors.",
    "Correct what the diagnostics name; nothing was changed.",
  ),
  "configuration-read-only": reason(
    409,
    "The configuration's files cannot be written here.",
    "Change the files where they come from; the gateway reloads them.",
  ),
  "configuration-failed": reason(
    500,
    "The configuration could not be put in force; the one before serves.",
    "Look at the gateway's log for this time.",
  ),
  "history-entry-unknown": reason(
    404,
    "The history has no such configuration.",
    "List the history; old entries are removed, as admin.history says.",
  ),
  "entry-unknown": reason(
    404,
    "The definition has no such entry.",
    "List the names of its kind; names are as they stand in the definition.",
  ),
  "entry-not-editable": reason(
    409,
    "The entry cannot be changed by itself, as the definition is written.",
    "Change the whole definition with PUT /config: the detail says what stands in the way.",
  ),
  "internal-ca-absent": reason(
    404,
    "This gateway has no internal CA.",
    "It has one unless edge.https is off: read the root of a gateway that terminates TLS.",
  ),
  "auth-service-denied": reason(
    403,
    "Access denied.",
    "The auth service that the forward-auth policy asks said no: look at what it answered.",
  ),
  "auth-service-failed": reason(
    502,
    "The auth service could not be asked.",
    "Check that the auth service of the forward-auth policy listens, and answers in time.",
  ),
  "subscription-unknown": reason(
    404,
    "There is no such subscription.",
    "`npx sallyport subscriptions list` shows those that there are.",
  ),
  "revocation-unknown": reason(
    404,
    "There is no such revocation.",
    "`npx sallyport revocations list` shows those that there are.",
  ),
  "revocation-conflict": reason(409, "There are too many revocations.", "Lift some, or give them an end."),
  "operation-unknown": reason(
    404,
    "The API has no operation of this name.",
    "Name it by its operationId, or by method and path as in get-orders-id; `npx sallyport stats --by operation` shows those that were called.",
  ),
  "api-unknown": reason(404, "There is no such API.", "`npx sallyport get apis` lists them."),
  "secret-unknown": reason(
    404,
    "No secret of this name has a schedule.",
    "`npx sallyport secrets status` lists those that have.",
  ),
  "secret-unchanged": reason(
    409,
    "The secret was not changed: the one in use goes on.",
    "The message says what failed; it is tried again, or change it where it is.",
  ),
  "debug-token-unknown": reason(
    404,
    "There is no such debug token: it has ended, or it never was.",
    "`npx sallyport trace tokens` lists those that are good.",
  ),
  "debug-tokens-many": reason(
    409,
    "There are too many debug tokens.",
    "End one with `npx sallyport trace end`, or wait until one is over.",
  ),
  "trace-unknown": reason(
    404,
    "There is no such trace: it is over an hour old, or the request was not traced.",
    "`npx sallyport trace list` shows those there are; the record has every request: `npx sallyport explain`.",
  ),
  "session-unknown": reason(
    404,
    "There is no such session.",
    "`npx sallyport sessions list` shows those that there are.",
  ),
  "user-unknown": reason(
    404,
    "There is no such user or group.",
    "`npx sallyport users list` and `npx sallyport groups list` show those that there are.",
  ),
  "user-conflict": reason(
    409,
    "The user or group cannot be changed so.",
    "Take another id or address, name groups that there are, or remove what belongs to it first.",
  ),
  "approval-unknown": reason(404, "There is no such approval.", "List the approvals: `sallyport access approvals`."),
  "access-request-unknown": reason(
    404,
    "There is no such access request.",
    "List the requests that you may see: `sallyport access list`.",
  ),
  "access-request-conflict": reason(
    409,
    "The access request does not take this step now.",
    "Look at its state: `sallyport access show`. One that is over is asked for anew.",
  ),
  "requester-not-allowed": reason(
    403,
    "This approval is not for you to ask for.",
    "Have `requesters`, or `breakGlass.for`, of the approval name this principal.",
  ),
  "approver-not-allowed": reason(
    403,
    "You may not decide about this access request.",
    "An approver whom the approval names, or a delegate of one, decides; nobody decides about their own request.",
  ),
  "form-not-accepted": reason(
    403,
    "This form is too old, or was not sent from its own page.",
    "Open the page again and send the form from there.",
  ),
  "link-not-valid": reason(
    403,
    "This link is too old, was used before, or is not ours.",
    "Look at what waits for you: /.sallyport/access/decide.",
  ),
  "signature-not-valid": reason(
    401,
    "The message is not signed by a system that may answer, or is too old.",
    "Sign it as Standard Webhooks says, with the secret of a webhook that has answers: true.",
  ),
  "delegation-unknown": reason(404, "There is no such delegation.", "List yours: `sallyport access delegations`."),
  "announcement-unknown": reason(
    404,
    "There is no such announcement.",
    "`sallyport access announcements` shows those that are not sent.",
  ),
  "subscription-conflict": reason(
    409,
    "The subscription cannot be changed so.",
    "Take another name, or change a subscription of the definition in the definition.",
  ),
  "upstream-connect-failed": reason(
    502,
    "The upstream could not be reached.",
    "Check that the upstream listens and that its name resolves.",
  ),
  "upstream-timeout": reason(
    504,
    "The upstream did not answer in time.",
    "Make the upstream faster, or raise the route's timeout.",
  ),
  "upstream-reset": reason(502, "The upstream closed the connection.", "Look at the upstream's own log for this time."),
  "upstream-malformed": reason(
    502,
    "The upstream sent a malformed response.",
    "Correct the upstream: its response breaks RFC 9112.",
  ),
  "upstream-coding-unsupported": reason(
    502,
    "A policy reads this response, and its Content-Encoding cannot be decoded here.",
    "Let the upstream send it plain, or in gzip, br, zstd or deflate.",
  ),
  "upstream-too-large": reason(
    502,
    "The response is too large for what is done with it here.",
    "Raise edge.limits.policyBodySize, or leave out the policies that read the whole response.",
  ),
  "upstream-truncated": reason(
    502,
    "The upstream broke off its response.",
    "Look at the upstream's own log for this time.",
  ),
  "upstream-unavailable": reason(503, "No upstream is available.", "Check the upstream's health."),
  "upstream-status": reason(
    502,
    "The upstream answered with an error.",
    "Look at the upstream's own log for this time, or leave out failOnErrorStatusCode of forward-request.",
  ),
  "upgrade-declined": reason(
    502,
    "The upstream did not take the upgrade.",
    "Call a path of the upstream that serves this protocol.",
  ),
  "stream-idle": reason(408, "Nothing was sent for too long.", "Send pings, or raise edge.limits.streamIdleTimeout."),
  "access-withdrawn": reason(
    403,
    "What was allowed when this began is no longer allowed.",
    "Look at the detail for what refuses it now: a definition that was reloaded, a key, or a token that has expired.",
  ),
  "client-aborted": reason(499, "The client went away.", "Nothing: the client closed the connection first."),
  "shutting-down": reason(
    503,
    "The gateway is shutting down.",
    "Try again; raise edge.limits.drain for exchanges that take longer than a stop waits for.",
  ),
  "record-unavailable": reason(
    503,
    "The record cannot be written.",
    "Look at the gateway's log and at the disk of its record; what was asked for may have been done, and is told there.",
  ),
  overloaded: reason(503, "The gateway is overloaded.", "Try again later."),
  "internal-error": reason(500, "Internal server error", "Report it with the request id."),
};
