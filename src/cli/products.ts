import { Command } from "commander";
import type { ProductState } from "#admin/ports.ts";
import { bodyOf } from "./admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./admin/command.ts";
import { type AdminOptions, askGateway } from "./admin/connection.ts";
import { formatDuration } from "#notation/units.ts";
import { table } from "./table.ts";

/** `sallyport products`: what can be subscribed to. */
export function productsCommand(): Command {
  return new Command("products").description("show the products of a running gateway").addCommand(listCommand());
}

function listCommand(): Command {
  const examples = "  sallyport products list\n  sallyport products list --json | jq -r '.products[].name'";
  return adminCommand(new Command("list"), examples)
    .description("show the products with their APIs, and what puts a call into their context")
    .action((options: AdminOptions & JsonOption) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", "/products");
        const { products } = bodyOf<{ readonly products: readonly ProductState[] }>(reply);
        const rows = products.map(({ name, subscription, apis, ...terms }) => [
          name,
          subscription,
          termsOf(terms),
          apis.join(", "),
        ]);
        print(options, reply.text, `${table(["NAME", "SUBSCRIPTION", "TERMS", "APIS"], rows).join("\n")}\n`);
      }),
    );
}

function termsOf({
  approvalRequired,
  subscriptionsLimit,
  isPublished,
  rotation,
}: Omit<ProductState, "name" | "subscription" | "apis">): string {
  const terms = [
    ...(isPublished ? [] : ["not published"]),
    ...(approvalRequired ? ["approval"] : []),
    ...(subscriptionsLimit === null ? [] : [`${subscriptionsLimit} a user`]),
    ...(rotation === undefined ? [] : [`new keys every ${formatDuration(rotation.every)}`]),
  ];
  return terms.length === 0 ? "-" : terms.join(", ");
}
