/** Answers that are JSON; all others are pages and redirects. */
const endpoints = new Set([
  "/token",
  "/device_authorization",
  "/backchannel_authentication",
  "/par",
  "/introspect",
  "/register",
  "/register/client",
  "/revoke",
  "/userinfo",
  "/session",
  "/session/token",
  "/session/token/verify",
]);

/** Requests of our pages' scripts. They may also be refused with a page. */
const scripted = new Set([
  "/login/passkey/options",
  "/account/security/passkeys/options",
  "/sign-up/confirm/passkey/options",
  "/invitation/passkey/options",
  "/password-reset/confirm/passkey/options",
]);

/**
 * The problem of an answer, whatever the request was; null if a client or a browser can understand it.
 */
export function answerProblem(path: string, { status, headers }: Response): string | null {
  const type = headers.get("content-type") ?? "";
  const [pathname = ""] = path.split("?");
  const isEndpoint = endpoints.has(pathname);
  if (status === 503 && headers.get("retry-after") === null) return "503 without Retry-After";
  if (status === 303) return headers.get("location") === null ? "303 to nowhere" : null;
  if (pathname.startsWith("/api/")) {
    const isProblem = type.startsWith("application/problem+json") &&
      [401, 409, 503].includes(status);
    return isProblem || (status === 201 && type.startsWith("application/json"))
      ? null
      : `answered ${status} as ${type}`;
  }
  if (scripted.has(pathname)) {
    return [200, 400, 401, 422, 429, 503].includes(status) ? null : `answered ${status}`;
  }
  // A passkey that seems to have a copy.
  if (status === 403 && pathname === "/error") return null;
  const allowed = isEndpoint ? [200, 201, 204, 400, 401, 403, 429, 503] : [200, 400, 401, 429, 503];
  // An application that was never allowed anything, a session that is over.
  if (status === 404 && path.startsWith("/account/")) return null;
  if (!allowed.includes(status)) return `answered ${status}`;
  const expected = isEndpoint ? "application/json" : "text/html";
  const isEmpty = status === 204 || (path === "/revoke" && status === 200);
  return isEmpty || type.startsWith(expected) ? null : `${status} answered as ${type || "nothing"}`;
}
