/**
 * The part of JSR's `@std/testing/types` that these tests use, for machines that do not reach JSR.
 * A test of types fails when it is checked, not when it runs.
 */

/** Holds, for the type checker, that the type is `true`. */
export function assertType<T extends true>(_expectTypeTrue: T): void {}

/** `T` must be `true`. */
export type AssertTrue<T extends true> = never & T;

/** `T` must be `false`. */
export type AssertFalse<T extends false> = never & T;

/** Whether both are the same type, `any`, optional and readonly members told apart. */
// The checker compares two deferred conditional types by the identity of what they extend. They stay
// inline: through an alias it would compare the arguments, and by assignability only.
export type IsExact<T, U> = (<V>() => V extends T ? 1 : 2) extends (<V>() => V extends U ? 1 : 2)
  ? true
  : false;

/** Whether a value of `T` could be used as `U`, or one member of the union `T` could. */
export type Has<T, U> = IsAny<T> extends true ? true
  : IsAny<U> extends true ? false
  : Extract<T, U> extends never ? false
  : true;

/** The opposite of {@linkcode Has}. */
export type NotHas<T, U> = Has<T, U> extends false ? true : false;

/** Whether the type is `any`. */
export type IsAny<T> = 0 extends (1 & T) ? true : false;

/** Whether the type is `unknown`. */
export type IsUnknown<T> = IsAny<T> extends true ? false : unknown extends T ? true : false;

/** Whether the type is `never`. */
export type IsNever<T> = [T] extends [never] ? true : false;

/** Whether null or undefined is a value of the type. */
export type IsNullable<T> = Extract<T, null | undefined> extends never ? false : true;
