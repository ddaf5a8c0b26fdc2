import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { optional, valuesOf, wholeNumber } from "../../src/config/variable_kinds.ts";

Deno.test("the schema of a variable is made where the variable is set, and nowhere else", () => {
  const made: string[] = [];
  const named = (name: string) => optional(() => (made.push(name), z.string()));
  const variables = { FIRST: named("FIRST"), SECOND: named("SECOND") };
  assertEquals(valuesOf(variables, {}), { FIRST: undefined, SECOND: undefined });
  assertEquals(made, []);
  assertEquals(valuesOf(variables, { SECOND: "x" }), { FIRST: undefined, SECOND: "x" });
  assertEquals(made, ["SECOND"]);
});

Deno.test("the first of several wrong variables is named", () => {
  const variables = {
    FIRST: wholeNumber(1, [0, 5], "must be from 0 to 5"),
    SECOND: wholeNumber(undefined, [0, 5], "must be from 0 to 5"),
  };
  const env = { SECOND: "6", FIRST: "x" };
  assertThrows(() => valuesOf(variables, env), Error, "FIRST must be from 0 to 5");
});
