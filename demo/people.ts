/** The audience of the orders API: what access tokens are issued for. */
export const audience = "api://orders";

/** Two people who log in by their name alone: the provider listens on loopback and knows nothing real. */
export const people: Readonly<Record<string, { readonly name: string; readonly groups: readonly string[] }>> = {
  alice: { name: "Alice Adler", groups: ["engineering"] },
  bob: { name: "Bob Baker", groups: ["sales"] },
};
