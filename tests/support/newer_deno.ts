/** Whether this Deno is older than 2.6: some of what only tests need does not work there. */
export const isOlderDeno = /^2\.[0-5]\./.test(Deno.version.deno);

/** Registers a test where it can run; elsewhere it says aloud that it does not, and why. */
export function testOnNewerDeno(why: string, name: string, run: () => void | Promise<void>) {
  if (isOlderDeno) console.warn(`SKIPPED on Deno ${Deno.version.deno}, ${why}: ${name}`);
  else Deno.test({ name, fn: run, sanitizeOps: false, sanitizeResources: false });
}
