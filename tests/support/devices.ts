import type { DeviceAuthorizationResponse } from "../../src/device/request.ts";
import type { Browser, Landing } from "./browser.ts";
import { aClient, aPublicClient, type ClientEntry } from "./clients.ts";
import { alice, type TestProvider } from "./provider.ts";
import { bodyOf } from "./tokens.ts";

export const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

type Form = Readonly<Record<string, string | undefined>>;

/** A client on a device without a browser, such as a television, which has a secret. */
export function aTelevision(id = "tv", members: Record<string, unknown> = {}): ClientEntry {
  return aClient(id, {
    redirect_uris: [],
    grant_types: [deviceGrant, "refresh_token"],
    scope: "openid profile email offline_access",
    ...members,
  });
}

/** A command line tool, which has no secret. */
export function aTool(id = "cli", members: Record<string, unknown> = {}): ClientEntry {
  return aPublicClient(id, {
    application_type: "native",
    redirect_uris: [],
    grant_types: [deviceGrant, "refresh_token"],
    scope: "openid profile email offline_access",
    ...members,
  });
}

/** Begins a device flow. */
export async function beginDevice(
  provider: TestProvider,
  client = "tv",
  parameters: Form = {},
  headers: Record<string, string> = {},
): Promise<DeviceAuthorizationResponse> {
  const form = { scope: "openid profile", ...provider.credentials(client), ...parameters };
  return await bodyOf(await provider.post("/device_authorization", form, headers));
}

/** Polls for the tokens. */
export function poll(
  provider: TestProvider,
  device_code: string,
  client = "tv",
  parameters: Form = {},
  headers: Record<string, string> = {},
): Promise<Response> {
  const form = { grant_type: deviceGrant, device_code, ...provider.credentials(client) };
  return provider.post("/token", { ...form, ...parameters }, headers);
}

/** Types a user code, and signs in where that is asked. @returns the page that asks about the device */
export async function typeCode(
  browser: Browser,
  userCode: string,
  person: { username: string; password: string } = alice,
): Promise<Landing> {
  const landing = await browser.submit(await browser.open("/device"), { user_code: userCode });
  if (landing.url.pathname !== "/login") return landing;
  const { username, password } = person;
  return await browser.submit(landing, { username, password });
}

/** Types a user code and answers. @returns the page of the outcome */
export async function answerDevice(
  browser: Browser,
  userCode: string,
  decision: "allow" | "deny" = "allow",
): Promise<Landing> {
  return await browser.submit(await typeCode(browser, userCode), { decision });
}
