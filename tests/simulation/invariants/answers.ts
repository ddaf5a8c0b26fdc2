/** Answers that are JSON; all others are pages and redirects. */
const endpoints = new Set([
  "/token",
  "/par",
  "/introspect",
  "/revoke",
  "/userinfo",
  "/session",
  "/session/token",
  "/session/token/verify",
]);

/**
 * What is wrong with an answer whatever the question was: null if it is one that a client or a browser
 * can make sense of.
 */
export function answerProblem(path: string, { status, headers }: Response): string | null {
  const type = headers.get("content-type") ?? "";
  const isEndpoint = endpoints.has(path.split("?")[0] ?? "");
  if (status === 503 && headers.get("retry-after") === null) return "503 without Retry-After";
  if (status === 303) return headers.get("location") === null ? "303 to nowhere" : null;
  const allowed = isEndpoint ? [200, 201, 204, 400, 401, 403, 429, 503] : [200, 400, 401, 429, 503];
  // An application that was never allowed anything, a session that is over.
  if (status === 404 && path.startsWith("/account/")) return null;
  if (!allowed.includes(status)) return `answered ${status}`;
  const expected = isEndpoint ? "application/json" : "text/html";
  const isEmpty = status === 204 || (path === "/revoke" && status === 200);
  return isEmpty || type.startsWith(expected) ? null : `${status} answered as ${type || "nothing"}`;
}
