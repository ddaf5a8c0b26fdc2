import type { Context } from "hono";
import { z } from "zod";
import type { Deps } from "../../src/deps/deps.ts";
import type { AppEnv } from "./context.ts";
import { notePageLanguage } from "./language.ts";
import { frameOf } from "./page.tsx";
import { sealedCookie } from "./sealed_cookie.ts";

/**
 * The request that waits while somebody chooses another password. The pages of a reset are about an
 * account; which request comes after them is what this browser alone knows. It is only an id: the
 * request's own pages check whose it is.
 */
const waiting = sealedCookie(
  "password_change",
  3600,
  z.object({
    interactionId: z.string(),
    /** The language of the page where the user was. */
    language: z.string().optional(),
  }),
);

/** @param token of the change that a sign-in led to; null: a mail was asked for */
export async function keepWaitingRequest(
  c: Context<AppEnv>,
  deps: Deps,
  token: string | null,
  interactionId: string,
) {
  const { language } = frameOf(c);
  await waiting.keep(c, deps, token ?? "", { interactionId, language });
}

/** The id of the interaction; null: no request waits. From then on its language is that of the page. */
export async function readWaitingRequestId(
  c: Context<AppEnv>,
  deps: Deps,
  token: string | null,
): Promise<string | null> {
  const kept = await waiting.read(c, deps, token ?? "");
  notePageLanguage(c, kept?.language);
  return kept?.interactionId ?? null;
}

/**
 * The same for a page of a link. If the link has no request of its own, its page still has the language of the
 * form that asked for the mail, if that was in this browser.
 */
export async function readRequestOfLink(
  c: Context<AppEnv>,
  deps: Deps,
  token: string,
): Promise<string | null> {
  const interactionId = await readWaitingRequestId(c, deps, token);
  if (interactionId === null) await readWaitingRequestId(c, deps, null);
  return interactionId;
}
