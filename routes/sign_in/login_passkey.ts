import { signInWithPasskey } from "../../src/authn/passkeys/sign_in.ts";
import { passkeySignInOptions, passkeyWanted } from "../../src/authn/passkeys/sign_in_options.ts";
import { readPendingSignIn } from "../../src/authn/pending_sign_in.ts";
import type { Deps } from "../../src/deps/deps.ts";
import { interactionUrl } from "../../src/interactions/interaction_url.ts";
import { type Pages, pages } from "../endpoint.ts";
import { single } from "../http/form.ts";
import {
  interactionParameter,
  redirectToNextStep,
  resume,
  signInForm,
} from "../http/interaction.ts";
import { showAgain } from "../http/form_answer.ts";
import { frameOf } from "../http/page.tsx";
import { once } from "../http/page_form.ts";
import type { AnswerRepeated } from "../http/repeated_form.tsx";
import { secondFactorUrl } from "./second_factor.tsx";

/** Sign-in with a passkey: the options for the page's script, and its answer. */
export function passkeySignInRoutes(deps: Deps): Pages {
  return pages()
    .form("/login/passkey/options", signInForm(deps), async (c, { attempt }) => {
      const wants = passkeyWanted(await readPendingSignIn(deps, attempt));
      c.header("Cache-Control", "no-store");
      return c.json(await passkeySignInOptions(deps, attempt, wants));
    }, { kind: "client", storesForStrangers: true })
    .form("/login/passkey", once(signInForm(deps), repeated), async (c, { form, attempt }) => {
      const pending = await readPendingSignIn(deps, attempt);
      const outcome = await signInWithPasskey(deps, {
        ...attempt,
        credential: single(form, "credential") ?? "",
        wants: passkeyWanted(pending),
        language: frameOf(c, pending.uiLocales).language,
      });
      if (outcome.kind === "signed_in" || outcome.kind === "second_factor") {
        return redirectToNextStep(c, deps, outcome, attempt.interactionId);
      }
      const { interactionId } = attempt;
      const url = pending.step.kind === "second_factor"
        ? secondFactorUrl(interactionId)
        : interactionUrl("/login", interactionId);
      return await showAgain(c, deps, url, { errors: [outcome.kind] });
    });
}

const repeated: AnswerRepeated = (c, form) => resume(c, interactionParameter(form));
