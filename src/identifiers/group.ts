import { z } from "zod";
import { shownText } from "./shown_text.ts";

/**
 * The name of a group. Applications compare it byte by byte, and some get it in a list that commas
 * separate, so it has no comma, no control characters, one Unicode form, and no space at an end.
 */
export const groupNameSchema = z.string().min(1).max(64).refine(
  (name) => /^[\p{L}\p{N}][\p{L}\p{N}\p{M} ._:@\/+-]*$/u.test(name) && !name.endsWith(" "),
  "must begin with a letter or digit, and have only letters, digits, spaces and . _ : @ / + -",
).refine((name) => name === name.normalize("NFC"), "must be in Unicode Normalization Form C");

/** A group as an operator writes it. */
export const groupSchema = z.strictObject({
  group: groupNameSchema,
  description: shownText(256).default(""),
});
