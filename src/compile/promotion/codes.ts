/** `danger`: more get in, or less is checked. `breaking`: callers who are served today may not be. `notice`: neither. */
export type PromotionLevel = "danger" | "breaking" | "notice";

interface PromotionCode {
  readonly level: PromotionLevel;
  /** One sentence. */
  readonly about: string;
}

export type PromotionCodeName =
  | "made-public"
  | "access-widened"
  | "access-changed"
  | "issuer-added"
  | "identity-changed"
  | "certificate-dropped"
  | "proxy-trusted"
  | "protection-dropped"
  | "protection-changed"
  | "limit-looser"
  | "exception-added"
  | "egress-widened"
  | "clear-text"
  | "record-weaker"
  | "operation-removed"
  | "path-changed"
  | "host-removed"
  | "access-narrowed"
  | "issuer-removed"
  | "certificate-needed"
  | "subscription-ended"
  | "key-moved"
  | "protection-added"
  | "limit-tighter"
  | "operation-added"
  | "host-added"
  | "subscription-added"
  | "backend-moved"
  | "backend-changed"
  | "policy-changed"
  | "exception-ended"
  | "secret-changed"
  | "setting-changed";

/**
 * What a change of a definition can mean for callers, the most dangerous first. Codes are API: pipelines accept dangers
 * by them. They are added, never renamed.
 */
export const promotionCodes: Readonly<Record<PromotionCodeName, PromotionCode>> = {
  "made-public": danger("An operation can be called by anybody, that could not be or was not there."),
  "access-widened": danger("Somebody may call who may not today."),
  "access-changed": danger("Something else that decides who may call is another."),
  "issuer-added": danger("Tokens of another provider are believed."),
  "identity-changed": danger("What is believed of a provider's tokens is another."),
  "certificate-dropped": danger("No client certificate is asked for any more."),
  "proxy-trusted": danger("Somebody else's forwarded header fields are believed."),
  "protection-dropped": danger("A policy that refuses does not run any more."),
  "protection-changed": danger("A policy that refuses runs otherwise, or at another place."),
  "limit-looser": danger("A limit lets more through."),
  "exception-added": danger("An exception of the environment is new, or another."),
  "egress-widened": danger("Policies may reach another destination."),
  "clear-text": danger("Traffic that was encrypted is not any more."),
  "record-weaker": danger("The record says less, is less durable, or is kept for less time."),
  "operation-removed": breaking("An operation is not there any more."),
  "path-changed": breaking("An operation is at another path, method or version."),
  "host-removed": breaking("An API is not served at a host any more."),
  "access-narrowed": breaking("Somebody may not call who may today."),
  "issuer-removed": breaking("Tokens of a provider are not believed any more."),
  "certificate-needed": breaking("A client certificate is needed."),
  "subscription-ended": breaking("A subscription is not there any more, or is for something else."),
  "key-moved": breaking("Subscription keys are looked for elsewhere in a request."),
  "protection-added": breaking("A policy runs that may refuse."),
  "limit-tighter": breaking("A limit lets less through."),
  "operation-added": notice("An operation is new."),
  "host-added": notice("An API is served at another host."),
  "subscription-added": notice("A subscription is new."),
  "backend-moved": notice("Requests go elsewhere."),
  "backend-changed": notice("A backend is called otherwise."),
  "policy-changed": notice("A policy that refuses nothing is new, gone or another."),
  "exception-ended": notice("An exception of the environment is gone."),
  "secret-changed": notice("A secret is read from elsewhere."),
  "setting-changed": notice("Another setting is another."),
};

function danger(about: string): PromotionCode {
  return { level: "danger", about };
}

function breaking(about: string): PromotionCode {
  return { level: "breaking", about };
}

function notice(about: string): PromotionCode {
  return { level: "notice", about };
}
