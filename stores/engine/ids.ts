import { digestNow } from "../../src/crypto/digest.ts";
import { randomId, randomSecret, type RandomSource, randomText } from "../../src/crypto/random.ts";

/**
 * Makes ids and secrets for records. On a local file they ascend with time, so that new records stand
 * together in the pages of its tree: a commit then changes few pages. On a shared store they begin at
 * random, because ascending keys would all be in one range of keys, on one server.
 */
export interface Ids {
  /** A public identifier of 22 characters, with at least 90 random bits. It may tell when it was made. */
  id(): string;
  /** The id of a token within a JWT, which leads to the token's record; with at least 96 random bits. */
  tokenId(): string;
  /** 0, 1, 2 and so on within a step. */
  ordinal(): number;
  /** A secret with at least 222 random bits, to be stored under its `secretKey`. */
  secret(): string;
  /** Random characters of base64url, with 6 random bits each. At most 84. */
  text(length: number): string;
}

/** The characters of base64url in the order in which they sort. */
const sorted = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
/** 42 bits: milliseconds until the year 2109. */
const timeLength = 7;
/** A secret or token id that begins with its time is one character longer than another. */
const longSecret = 44;
const longTokenId = 23;

/** @param milliseconds epoch milliseconds */
export function ascendingIds(random: RandomSource, milliseconds: number): Ids {
  let known: string | null = null;
  const time = () => known ??= timePart(milliseconds); // most steps only read
  const text = randomText(random);
  return {
    ordinal: countingUp(),
    id: () => time() + text(15),
    tokenId: () => time() + text(16),
    secret: () => time() + text(37),
    text,
  };
}

export function scatteredIds(random: RandomSource): Ids {
  return {
    ordinal: countingUp(),
    id: () => randomId(random),
    tokenId: () => randomId(random),
    secret: () => randomSecret(random),
    text: randomText(random),
  };
}

function countingUp(): () => number {
  let next = 0;
  return () => next++;
}

/**
 * The key of a secret's record: the digest of the whole, behind the time with which its last part may
 * begin. The secret itself is not stored. Anybody may present any text here.
 * @param secret its last part follows a dot or a colon
 */
export function secretKey(secret: string): string {
  // No pattern: one that looks for the end from every place takes seconds for a text of 64 KB.
  const from = Math.max(secret.lastIndexOf("."), secret.lastIndexOf(":")) + 1;
  const isLong = secret.length - from === longSecret;
  return (isLong ? secret.slice(from, from + timeLength) : "") + digestNow(secret);
}

/** The same for a JWT. @param tokenId the part of its `jti` that `tokenId` made */
export function jwtKey(jwt: string, tokenId: string): string {
  return (tokenId.length === longTokenId ? tokenId.slice(0, timeLength) : "") + digestNow(jwt);
}

function timePart(milliseconds: number): string {
  let rest = Math.max(0, Math.floor(milliseconds));
  let text = "";
  for (let n = 0; n < timeLength; n++) {
    text = (sorted[rest % 64] ?? "") + text;
    rest = Math.floor(rest / 64);
  }
  return text;
}
