import { z } from "zod";
import type { Entry, Present } from "../../stores/engine/collection.ts";
import type { Transaction } from "../../stores/engine/transaction.ts";
import { idOf, type User } from "../../stores/users.ts";
import { type BoundedMap, boundedMap } from "../../stores/engine/bounded_map.ts";
import { perObject } from "../../stores/engine/store_memory.ts";
import { type MasterKey, SealError } from "../crypto/master_key.ts";
import { randomId } from "../crypto/random.ts";
import type { Deps } from "../deps/deps.ts";

/**
 * Records that a browser has signed in to an account. Guesses from such a browser are counted separately
 * from those of strangers, so that strangers cannot lock out the account's owner.
 * @see OWASP, Slow Down Online Guessing Attacks with Device Cookies
 */
export interface Device {
  readonly userId: string;
  /** Random, and new after each sign-in. The browser's guesses are counted by it. */
  readonly id: string;
  /**
   * The user's epochs at that moment. They rise when the password is changed or reset, when the user
   * signs out everywhere, and at a suspension. After each of these, a browser may belong to an attacker,
   * so it loses its separate limit for guesses.
   */
  readonly epoch: number;
  readonly sessionEpoch: number;
  /** Epoch seconds. */
  readonly signedInAt: number;
}

/** Seconds for which a browser is known after its last sign-in. */
export const deviceLifetime = 180 * 86_400;
/** The number of accounts that one browser is known for; the oldest sign-in is dropped. */
const mostDevices = 8;
/** Characters; a cookie of eight accounts has some 1,100. */
const longestCookie = 2048;
const sealContext = "device_cookie";

const entry = z.tuple([z.string(), z.string(), z.int(), z.int(), z.int()]);
const contents = z.array(entry).max(mostDevices);

/** The record of a sign-in for its browser. @param epochs the user's epochs after this step */
export function newDevice(
  tx: Transaction,
  user: Present<User>,
  epochs: Partial<Pick<User, "epoch" | "sessionEpoch">> = {},
): Device {
  const { epoch, sessionEpoch } = { ...user.value, ...epochs };
  return { userId: idOf(user), id: randomId(tx.random), epoch, sessionEpoch, signedInAt: tx.now };
}

/**
 * Writes the cookie of a browser that knew these accounts and has signed in to one more. The cookie is
 * sealed: it cannot be forged, and it does not reveal the accounts.
 */
export async function formatDeviceCookie(
  { masterKey }: Pick<Deps, "masterKey">,
  devices: readonly Device[],
  latest: Device,
): Promise<string> {
  const others = devices.filter(({ userId }) => userId !== latest.userId);
  const kept = [latest, ...others].slice(0, mostDevices).map((
    { userId, id, epoch, sessionEpoch, signedInAt },
  ): z.infer<typeof entry> => [userId, id, epoch, sessionEpoch, signedInAt]);
  return await masterKey.seal(JSON.stringify(kept), sealContext);
}

/** Reads such a cookie; empty if it is invalid or too old. */
export async function parseDeviceCookie(
  { masterKey, clock }: Pick<Deps, "masterKey" | "clock">,
  value: string | undefined,
): Promise<readonly Device[]> {
  if (value === undefined || value.length > longestCookie) return [];
  try {
    const devices = await unsealed(masterKey, value);
    const oldest = clock.seconds() - deviceLifetime;
    return devices.filter(({ signedInAt }) => signedInAt > oldest);
  } catch (error) {
    if (error instanceof SealError) return [];
    throw error;
  }
}

/** @throws {SealError} */
async function unsealed(masterKey: MasterKey, value: string): Promise<readonly Device[]> {
  const kept = contentsOf(masterKey);
  const known = kept.get(value);
  if (known !== undefined) return known;
  const text = await masterKey.unseal(value, sealContext);
  const devices = contents.parse(JSON.parse(text))
    .map(([userId, id, epoch, sessionEpoch, signedInAt]) => (
      { userId, id, epoch, sessionEpoch, signedInAt }
    ));
  kept.set(value, devices, 1000 + 2 * value.length);
  return devices;
}

/**
 * The contents of cookies that came before: a browser sends the same one with every request, and to unseal
 * it takes as long as the rest of a check. Only what was sealed here is kept, so strangers cannot fill it.
 */
const contentsOf = perObject<MasterKey, BoundedMap<readonly Device[]>>(() => boundedMap(2 ** 20));

/** The id under which a browser is known for this account; null: the browser is a stranger's. */
export function deviceOf(devices: readonly Device[], user: Entry<User>): string | null {
  const { value } = user;
  if (value === null) return null;
  const userId = String(user.ref.key[1]);
  const own = devices.find((device) => device.userId === userId);
  const isCurrent = own?.epoch === value.epoch && own.sessionEpoch === value.sessionEpoch;
  return own && isCurrent ? own.id : null;
}
