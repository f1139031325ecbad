import type { RequestHead, ResponseHead } from "../wire/http1/head.ts";

/** Schemes that authenticate the connection instead of the request (RFC 4559 §6, MS-NTHT). */
const CONNECTION_AUTH = /^(ntlm|negotiate)\b/i;

/** Does this exchange make its upstream connection one client's own? Nobody else may be served on it then. */
export function authenticatesConnection(request: RequestHead, response: ResponseHead | null): boolean {
  const asked = response?.status === 401 ? response.fields.getAll("www-authenticate") : [];
  const given = request.fields.get("authorization") ?? "";
  return CONNECTION_AUTH.test(given) || asked.some(challenge => CONNECTION_AUTH.test(challenge));
}
