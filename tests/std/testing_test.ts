import {
  type AssertFalse,
  type AssertTrue,
  assertType,
  type Has,
  type IsAny,
  type IsExact,
  type IsNever,
  type IsNullable,
  type IsUnknown,
  type NotHas,
} from "@std/testing/types";

// deno-lint-ignore no-explicit-any
type Any = any; // what the tests of `any` are about

Deno.test("a type is told from every other when the test is checked", () => {
  assertType<IsExact<string, string>>(true);
  assertType<IsExact<{ a: 1 }, { a: 1 }>>(true);
  // @ts-expect-error they are different types
  assertType<IsExact<string, number>>(true);
  // @ts-expect-error one is wider
  assertType<IsExact<string, "a">>(true);
  // @ts-expect-error `any` is no other type
  assertType<IsExact<string, Any>>(true);
  // @ts-expect-error optional is another type
  assertType<IsExact<{ a: 1 }, { a?: 1 }>>(true);
  // @ts-expect-error readonly is another type
  assertType<IsExact<{ a: 1 }, { readonly a: 1 }>>(true);

  assertType<Has<string | number, number>>(true);
  assertType<NotHas<string | number, boolean>>(true);
  assertType<IsAny<Any>>(true);
  assertType<IsNever<never>>(true);
  assertType<IsUnknown<unknown>>(true);
  assertType<IsNullable<string | null>>(true);
  // @ts-expect-error no member of the union is a boolean
  assertType<Has<string | number, boolean>>(true);
  // @ts-expect-error it may be a number
  assertType<NotHas<string | number, number>>(true);
});

type _Held = [
  AssertFalse<IsAny<unknown>>,
  AssertFalse<IsNever<string>>,
  AssertFalse<IsUnknown<Any>>,
  AssertFalse<IsNullable<string>>,
  AssertTrue<IsNever<string & number>>,
];
