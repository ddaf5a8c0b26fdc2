import type { World } from "./world.ts";

/**
 * Reads mails to an address that come from here on, which a process in development prints.
 *
 * @returns the first group of the first mail that has this in it
 */
export function mailTo({ processes }: World, address: string): (part: RegExp) => Promise<string> {
  const printed = processes.map((server) => server.output().length);
  let ended = 0;
  for (const server of processes) server.ended.then(() => ended++);
  const whole = processes.length;
  return async (part) => {
    for (const giveUpAt = Date.now() + 90_000; Date.now() < giveUpAt;) {
      for (const [index, server] of processes.entries()) {
        const [, ...mails] = server.output().slice(printed[index]).split(/^.*Mail to /m);
        const own = mails.filter((mail) => mail.startsWith(`${address}:`));
        const found = own.map((mail) => part.exec(mail)?.[1]).find((text) => text !== undefined);
        if (found !== undefined) return found;
      }
      // Like a closed connection: the process that could send it is gone.
      if (ended === whole) throw new TypeError("all processes have ended");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the mail to ${address} did not come`);
  };
}
