/** Fields by which callers prove who they are, here and at the gateways that people move from. Lower case. */
export const credentialFields: readonly string[] = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "dpop",
  "ocp-apim-subscription-key",
  "x-api-key",
  "api-key",
  "apikey",
  "x-functions-key",
  "x-amz-security-token",
];

/** Parameters of a query in which they do. Lower case. */
export const credentialParameters: readonly string[] = [
  "subscription-key",
  "api-key",
  "api_key",
  "apikey",
  "access_token",
  "id_token",
  "code",
  "sig",
];
