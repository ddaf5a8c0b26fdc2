import { redirectUriOf } from "../support/clients.ts";
import { clientEntryOf, credentialsOf, posted } from "./client.ts";
import { codeChallenge } from "./installation.ts";
import { party, unlessLost, type World } from "./world.ts";

/** A client that pushes several requests at the same moment, again and again. */
export async function crowd(world: World) {
  const { chance, send, pause } = party(world, "crowd");
  const form = posted({
    response_type: "code",
    redirect_uri: redirectUriOf(clientEntryOf("shop")),
    scope: "openid",
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...credentialsOf("shop"),
  });
  const times = chance.between(1, 4);
  for (let n = 0; n < times; n++) {
    const atOnce = Array.from({ length: chance.between(2, 8) });
    await Promise.all(atOnce.map(() => unlessLost(() => send("/par", form))));
    await pause(300);
  }
}
