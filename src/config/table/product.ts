import type { ProductSubscription, RoleRule } from "#model/definition.ts";
import type { PolicyDocument } from "#model/policy-tree.ts";
import { parseTime, parseUserId } from "#config/checks/words.ts";
import { choice, flag } from "#config/shapes/choice.ts";
import { fixed } from "#config/shapes/fixed.ts";
import { oneOrMore } from "#config/shapes/list.ts";
import { object, type ObjectShape } from "#config/shapes/object.ts";
import { policies } from "#config/shapes/policies.ts";
import { member } from "#config/shapes/member.ts";
import { type SecretSource, secret } from "#config/shapes/secret.ts";
import { type Located, located } from "#config/shapes/shape.ts";
import { integer } from "#config/shapes/numbers.ts";
import { anyText, text } from "#config/shapes/text.ts";
import { type RotationInput, rotationShape } from "./rotation.ts";

export interface ProductInput {
  readonly displayName: string | undefined;
  readonly apis: readonly Located<string>[];
  readonly subscription: ProductSubscription;
  readonly members: Located<readonly RoleRule[]> | undefined;
  readonly approvalRequired: boolean;
  readonly subscriptionsLimit: number | undefined;
  readonly groups: readonly string[];
  readonly state: "published" | "notPublished";
  readonly rotation: RotationInput | undefined;
  readonly policies: PolicyDocument;
}

export interface SubscriptionInput {
  readonly product: Located<string> | undefined;
  readonly api: Located<string> | undefined;
  readonly all: Located<boolean> | undefined;
  readonly key: SecretSource | undefined;
  readonly secondaryKey: SecretSource | undefined;
  readonly state: "active" | "suspended";
  readonly displayName: string | undefined;
  readonly owner: string | undefined;
  readonly ends: number | undefined;
  readonly rotation: RotationInput | undefined;
}

export const productShape: ObjectShape<ProductInput> = object<ProductInput>("a product", {
  displayName: { shape: anyText, about: "Name to show; the product's name when absent." },
  apis: { shape: fixed("what is in a product", oneOrMore(located(anyText), 0)), about: "APIs in it.", default: [] },
  subscription: {
    shape: fixed("who a product is for", choice(["key", "identity", "either", "open"])),
    about: "What puts a request into this product's context; open: nothing is needed.",
    default: "key",
  },
  members: {
    shape: fixed("who a product is for", located(oneOrMore(member))),
    about:
      "Who is in it by identity: CEL, { group: … }, { approval: … }, or a list of them, one of which holds; everybody when absent.",
  },
  approvalRequired: {
    shape: fixed("who a product is for", flag),
    about: "A new subscription waits until somebody approves it.",
    default: false,
  },
  subscriptionsLimit: {
    shape: integer(1, 100_000),
    about: "Subscriptions that a user may have to it at a time; any number when absent.",
  },
  groups: {
    shape: fixed("who a product is for", oneOrMore(text("the name of a group", parseUserId))),
    about: "Groups whose members may subscribe to it; administrators alone when absent.",
    default: [],
  },
  state: {
    shape: choice(["published", "notPublished"]),
    about: "notPublished: no user may subscribe; keys that there are go on working.",
    default: "published",
  },
  rotation: {
    shape: rotationShape,
    about: "When keys of its subscriptions are due for new ones, and how long old ones go on.",
  },
  policies: { shape: policies("product"), about: "Policies of this product.", default: {} },
});

/** Which one of product, api and all is there is checked where subscriptions are put together. */
export const subscriptionShape: ObjectShape<SubscriptionInput> = object<SubscriptionInput>("a subscription", {
  product: { shape: fixed("what a subscription is for", located(anyText)), about: "Product it is for." },
  api: {
    shape: fixed("what a subscription is for", located(anyText)),
    about: "API it is for, without a product's policies.",
  },
  all: { shape: fixed("what a subscription is for", located(flag)), about: "true: for all APIs." },
  key: { shape: secret, about: "Primary key, 16 to 256 characters.", required: true },
  secondaryKey: { shape: secret, about: "Secondary key, for changing keys without a gap." },
  state: {
    shape: choice(["active", "suspended"]),
    about: "A suspended subscription's keys are refused.",
    default: "active",
  },
  displayName: { shape: anyText, about: "Name to show; the subscription's name when absent." },
  owner: { shape: text("the id of a user", parseUserId), about: "Id of the user that it belongs to." },
  ends: {
    shape: text("a time", parseTime),
    about: "When it expires, such as 2027-01-31T00:00:00Z; never when absent.",
  },
  rotation: { shape: rotationShape, about: "When its keys are due for new ones; as its product says when absent." },
});
