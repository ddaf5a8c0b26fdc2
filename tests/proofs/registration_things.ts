import { type SingleUse, won } from "./attempt.ts";
import { operatorsToken } from "./operator.ts";
import { patiently, type World } from "./world.ts";

/** Initial access tokens, at the last registration that they are good for. */
export const registrationThings: readonly SingleUse[] = [
  token("initial access token", 1),
  token("initial access token with three uses", 3),
];

function token(name: string, uses: number): SingleUse {
  return {
    name,
    refusals: ["401 invalid_token"],
    async prepare(world) {
      const accessToken = await operatorsToken(world);
      return async () => {
        const init = registrationWith(await initialToken(world, accessToken, uses));
        for (let used = 1; used < uses; used++) {
          const made = await patiently(() => world.request(0, "/register", init));
          await made.body?.cancel();
        }
        return async (n) => await won(201)(await world.request(n, "/register", init));
      };
    },
  };
}

const json = { "content-type": "application/json" };

async function initialToken(world: World, accessToken: string, uses: number): Promise<string> {
  const made = await patiently(() =>
    world.request(0, "/api/v1/initial-access-tokens", {
      method: "POST",
      headers: { authorization: `Bearer ${accessToken}`, ...json },
      body: JSON.stringify({ max_uses: uses }),
    })
  );
  return (await made.json()).token;
}

function registrationWith(token: string): RequestInit {
  const body = JSON.stringify({ redirect_uris: ["https://app.example/callback"] });
  return { method: "POST", headers: { authorization: `Bearer ${token}`, ...json }, body };
}
