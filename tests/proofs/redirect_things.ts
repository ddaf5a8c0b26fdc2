import { formOf } from "../support/browser.ts";
import { redirectUriOf } from "../support/clients.ts";
import { ownForm, type SingleUse } from "./attempt.ts";
import { authorizePath, front, told } from "./world.ts";

/** What gives tokens through the browser. */
export const redirectThings: readonly SingleUse[] = [{
  name: "consent page (tokens in the redirect)",
  refusals: ["400"],
  every: 2, // a page comes before each
  async prepare(world) {
    const browser = await world.signedIn();
    return async () => {
      const { client_id } = front;
      const page = await browser.open(authorizePath({
        client_id,
        redirect_uri: redirectUriOf(front),
        response_type: "code id_token token",
        nonce: "nonce",
        scope: "openid",
        prompt: "consent",
      }));
      const { action, hidden } = formOf(page.body);
      const form = { ...hidden, decision: "allow" };
      return async (n) => {
        const answer = await world.post(n, action, form, ownForm(world, browser));
        return answer.headers.get("location")?.includes("access_token=")
          ? "won"
          : await told(answer);
      };
    };
  },
}];
