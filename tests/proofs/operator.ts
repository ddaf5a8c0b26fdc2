import { tokensOf } from "../support/tokens.ts";
import { ops, patiently, type World } from "./world.ts";

/** Good for an hour, which is longer than anything is raced here. */
export async function operatorsToken(world: World): Promise<string> {
  const { client_id, client_secret = "" } = ops;
  const resource = `${world.issuer}/api/v1`;
  const form = { grant_type: "client_credentials", client_id, client_secret, resource };
  const asked = await patiently(() =>
    world.post(0, "/token", { ...form, scope: "latchkey:admin" })
  );
  return (await tokensOf(asked)).access_token;
}

/** A list of the admin API, and which of its entries are meant. */
export interface Meant {
  /** Path and query below `/api/v1/`. */
  readonly list: string;
  readonly isMeant: (entry: Readonly<Record<string, unknown>>) => boolean;
}

/**
 * How many entries of a list are meant, once one is: a worker is woken, or looks after a minute, and what
 * a killed worker was sending waits until its lease ends.
 */
export async function countOnceThere(
  world: World,
  accessToken: string,
  meant: Meant,
): Promise<number> {
  for (let tries = 0;; tries++) {
    const count = await countThere(world, accessToken, meant);
    if (count > 0 || tries === 90) return count;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** How many entries of a list are meant at this moment. */
export async function countThere(
  world: World,
  accessToken: string,
  { list, isMeant }: Meant,
): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  let count = 0;
  let cursor: string | null = "";
  while (cursor !== null) {
    const url = new URL(`/api/v1/${list}`, world.issuer);
    url.searchParams.set("limit", "200");
    if (cursor !== "") url.searchParams.set("cursor", cursor);
    const answer = await patiently(() =>
      world.request(0, `${url.pathname}${url.search}`, { headers })
    );
    const { items, next_cursor } = await answer.json();
    count += items.filter(isMeant).length;
    cursor = next_cursor;
  }
  return count;
}
