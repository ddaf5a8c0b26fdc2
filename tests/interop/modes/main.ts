import { frontChannelModes } from "./front_channel.ts";
import { oauth4webapiModes } from "./oauth4webapi.ts";
import { oauth4webapiGrantModes } from "./oauth4webapi_grants.ts";
import { codeModes } from "./openid_client.ts";
import { grantModes, signedInBrowser } from "./other_grants.ts";
import type { Modes, World } from "./world.ts";

export interface Outcome {
  readonly name: string;
  /** Null: it works. */
  readonly problem: string | null;
}

const libraries: Readonly<Record<string, Modes>> = {
  "openid-client": { ...codeModes, ...frontChannelModes, ...grantModes },
  oauth4webapi: { ...oauth4webapiModes, ...oauth4webapiGrantModes },
};

/** Runs each mode of each library, one after the other, in one browser. */
export async function* outcomes(world: World): AsyncGenerator<Outcome> {
  const browser = await signedInBrowser(world);
  for (const [library, modes] of Object.entries(libraries)) {
    for (const [mode, run] of Object.entries(modes)) {
      const name = `${library}: ${mode}`;
      try {
        await run(world, browser);
        yield { name, problem: null };
      } catch (error) {
        const { stack, cause } = error as Error;
        yield { name, problem: `${stack}\n${JSON.stringify(cause) ?? ""}` };
      }
    }
  }
}
