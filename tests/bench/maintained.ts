import { operator } from "./operations.ts";
import type { Target } from "./target.ts";

/** Asks the server for long work, and waits for its end. @returns what the operation reports */
export async function maintained(
  { issuer, send }: Target,
  work: "cleanup" | "seal" | "verify",
) {
  const { client_id, client_secret = "" } = operator;
  const resource = `${issuer}/api/v1`;
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    scope: "latchkey:admin",
    resource,
    client_id,
    client_secret,
  });
  const { access_token } = await answered(await send("/token", { method: "POST", body }));
  const headers = { authorization: `Bearer ${access_token}` };
  const started = await send(`/api/v1/maintenance/${work}`, { method: "POST", headers });
  const place = started.headers.get("location");
  const result = await answered(started);
  if (place === null) return result; // it was done at once
  for (;;) {
    const { state, result } = await answered(await send(place, { headers }));
    if (state === "done") return result;
    if (state !== "running") throw new Error(`the ${work} ended as ${state}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function answered(response: Response) {
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text);
}
