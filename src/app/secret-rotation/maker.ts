/** Characters of a secret. */
export const longestSecret = 8192;
