import type { Context } from "hono";
import { StoreUnavailable } from "../../stores/engine/store_errors.ts";
import type { Origin } from "../../stores/engine/transaction.ts";
import { SignInNeeded } from "../../src/account/account_step.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { formIdOf, readCarriedOut } from "../../src/interactions/carried_out_form.ts";
import { OAuthError } from "../../src/protocol/errors.ts";
import { PressedTwicePage } from "../../src/ui/pressed_twice_page.tsx";
import type { AppEnv } from "./context.ts";
import type { Parameters } from "./form.ts";
import { withoutFormAnswer } from "./form_answer.ts";
import { frameOf, page } from "./page.tsx";

/**
 * The redirect to the page of the first form, for a form that this browser has sent before, if the second
 * one finds nothing left to do; null: what the first one has done is no longer so, and the second one is
 * answered as any other.
 *
 * @param note what the step has noted when it carried the form out
 */
export type AnswerRepeated = (
  c: Context<AppEnv>,
  form: Parameters,
  note: string | null,
) => Response | null | Promise<Response | null>;

/** Lets the steps of this request note which form they carry out. It reads nothing. */
export async function identifyForm(c: Context<AppEnv>, deps: Deps, form: Parameters) {
  const formId = await formIdOf(deps, { path: c.req.path, fields: form });
  c.set("origin", { ...c.get("origin"), formId });
}

/**
 * Answers a form whose token was checked, and whose effect happens once. A browser that sends it twice,
 * as for a double click, shows the second answer. That must not say that something failed if the first
 * one has done it: then it says so, and leads to the same page. It does nothing again and opens nothing:
 * the browser has what the first answer gave. Its status is that of a refusal, as it has always been: whoever
 * counts the answers sees one success.
 *
 * The step that carries out the form notes that in its commit (`carriedOutForms.add`).
 *
 * @param handle answers a form that is sent once
 */
export async function answerOnce(
  c: Context<AppEnv>,
  { deps, form, repeated }: {
    readonly deps: Deps;
    readonly form: Parameters;
    readonly repeated: AnswerRepeated;
  },
  handle: () => Promise<Response>,
): Promise<Response> {
  /** @param answered the page that the second form has led to */
  const again = async (answered: string | null) => {
    const first = await readFirst(deps, c.get("origin"));
    const redirect = first && await repeated(c, form, first.note);
    const next = redirect?.headers.get("Location") ?? null;
    return next === null || next === answered ? null : leadTo(c, next);
  };
  try {
    const response = await handle();
    const isRefused = c.get("refusedForm") === "sent";
    // A decision that is stored may be made again, and is answered as before.
    const answer = await again(isRefused ? null : response.headers.get("Location"));
    if (answer === null) return response;
    await response.body?.cancel();
    return withoutFormAnswer(c, deps, answer);
  } catch (error) {
    // A failure of the server does not say that nothing was left to do.
    if (!isRefusal(error)) throw error;
    const answer = await again(null);
    if (answer === null) throw error;
    return answer;
  }
}

/**
 * What the first press has noted; null also if the store does not tell. The step has its answer by then,
 * which may hold the only cookie of a new session: it must not be lost for the sake of the trace.
 */
async function readFirst(deps: Deps, origin: Origin) {
  try {
    return await readCarriedOut(deps, origin);
  } catch (error) {
    if (error instanceof StoreUnavailable) return null;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof OAuthError || error instanceof SignInNeeded;
}

/** A refusal whose page is followed by another one of this server. */
function leadTo(c: Context<AppEnv>, next: string): Response | Promise<Response> {
  c.header("Location", undefined);
  c.header("Refresh", `0; url=${next}`);
  return page(c, <PressedTwicePage frame={frameOf(c)} next={next} />, { status: 400 });
}
