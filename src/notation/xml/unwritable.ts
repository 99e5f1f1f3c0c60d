/** What the tree has and API Management's XML does not. */
export class Unwritable extends Error {}
