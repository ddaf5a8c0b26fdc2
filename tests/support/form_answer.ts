import type { Deps } from "../../src/deps/deps.ts";

/** The status of the page that a refused form redirects to, by its error. */
const statuses: Readonly<Record<string, number>> = {
  wrong_credentials: 401,
  current: 401,
  unknown: 404,
  conflict: 409,
  wrong_code: 401,
  wrong_recovery_code: 401,
  too_many_attempts: 429,
};

/**
 * The result of a form's answer, without opening the page. It is for tests that send thousands of forms
 * at once from one browser, whose cookies would be mixed up.
 */
export async function formAnswer(
  { masterKey }: Pick<Deps, "masterKey">,
  response: Response,
): Promise<Response> {
  const line = response.headers.getSetCookie().join("\n");
  const [, purpose = "", sealed = ""] = /latchkey_(form_answer|error)=([^;]+)/.exec(line) ?? [];
  if (response.status !== 303 || sealed === "") return response;
  await response.body?.cancel();
  const context = purpose === "error" ? "" : response.headers.get("location");
  const { value } = JSON.parse(await masterKey.unseal(sealed, `${purpose} ${context}`));
  const headers = new Headers(response.headers);
  for (const [name, told] of Object.entries<string>(value.headers)) headers.set(name, told);
  const status = value.status ?? statuses[value.errors[0]] ?? 400;
  return new Response(null, { status, headers });
}
