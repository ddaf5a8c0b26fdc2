import { z } from "zod";
import { ConfigError } from "./config_error.ts";

/**
 * A variable of the environment. Its schema is made when it is set: most are not, and to make the schemas
 * of all took longer than the rest of reading the configuration.
 */
export interface Variable<T, Usual> {
  /** Its messages continue a sentence that starts with the variable's name, and hold no secret value. */
  readonly schema: () => z.ZodType<T>;
  /** The value where it is not set. */
  readonly usual: Usual;
}

type Variables = Readonly<Record<string, Variable<unknown, unknown>>>;

/** The values of variables. */
export type Values<V extends Variables> = {
  readonly [Name in keyof V]: V[Name] extends Variable<infer T, infer Usual> ? T | Usual : never;
};

/** Reads variables in their order, each alone. @throws {ConfigError} about the first that is wrong */
export function valuesOf<V extends Variables>(
  variables: V,
  env: Readonly<Record<string, string | undefined>>,
): Values<V> {
  const values = Object.entries(variables).map(([name, { schema, usual }]) => {
    const text = env[name];
    return [name, text === undefined ? usual : valueOf(name, schema(), text)];
  });
  return Object.fromEntries(values) as Values<V>;
}

function valueOf(name: string, schema: z.ZodType, text: string): unknown {
  const parsed = schema.safeParse(text, { jitless: true }); // once: compiling takes longer
  if (parsed.success) return parsed.data;
  throw new ConfigError(name, parsed.error.issues[0]?.message ?? "is wrong");
}

/** A variable that has no value where it is not set. */
export function optional<T>(schema: () => z.ZodType<T>): Variable<T, undefined> {
  return { schema, usual: undefined };
}

export function absolutePath(problem: string) {
  return optional(() => z.string().startsWith("/", problem));
}

/** One of some words. */
export function choice<const Word extends string, Usual extends Word | undefined>(
  usual: Usual,
  words: readonly Word[],
  problem: string,
): Variable<Word, Usual> {
  return { usual, schema: () => z.enum(words, problem) };
}

/** A switch, as whether it is on. */
export function onOrOff(usual: "on" | "off"): Variable<boolean, boolean> {
  const schema = () => z.enum(["on", "off"], "must be on or off").transform((set) => set === "on");
  return { usual: usual === "on", schema };
}

/** At least and at most so many. */
export function wholeNumber<Usual extends number | undefined>(
  usual: Usual,
  [least, most]: readonly [number, number],
  problem: string,
): Variable<number, Usual> {
  const schema = () =>
    z.string().regex(/^(0|[1-9][0-9]{0,9})$/, problem).transform(Number)
      .refine((number) => number >= least && number <= most, problem);
  return { usual, schema };
}

export function seconds<Usual extends number | undefined>(usual: Usual, most: number) {
  return wholeNumber(usual, [1, most], `must be a whole number of seconds from 1 to ${most}`);
}

const day = 24 * 60 * 60;

type Limit = { readonly count: number; readonly seconds: number };

/**
 * A limit, as a number of events and a number of seconds. Its log is one record: 1,000 entries take about
 * 9 of the 64 KB.
 */
export function limit(usual: Limit, most = 1000): Variable<Limit, Limit> {
  const schema = () =>
    z.string().transform((text, context) => {
      const [, count, seconds] = /^([1-9][0-9]{0,6})\/([1-9][0-9]{0,4})$/.exec(text) ?? [];
      const limit = { count: Number(count), seconds: Number(seconds) };
      if (limit.count <= most && limit.seconds <= day) return limit;
      context.addIssue(
        `must be how often in how many seconds, such as 10/60: from 1 to ${most} times, in \
1 to ${day} seconds`,
      );
      return z.NEVER;
    });
  return { usual, schema };
}

/** A limit of requests. They are counted together, so many fit into a record. */
export function requestLimit(usual: Limit) {
  return limit(usual, 1_000_000);
}
