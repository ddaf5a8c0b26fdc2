import { testOnNewerDeno } from "../support/newer_deno.ts";

/** A test that runs the simulation. */
export function test(name: string, run: () => void | Promise<void>) {
  testOnNewerDeno("whose event loop ends while the simulation waits for its turn", name, run);
}
