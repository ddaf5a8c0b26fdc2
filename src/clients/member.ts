import { z } from "zod";
import type { Client } from "../../stores/clients.ts";
import { isScopeToken } from "../protocol/scope_token.ts";

/** A member of client metadata: all that is known of it. */
export interface Member<Schema extends z.ZodType> {
  /** What it may be on the wire, and what it is where it is left out. */
  readonly schema: Schema;
  /** Whether only an operator may set it, or whoever registers a client. */
  readonly setBy: "operator" | "anyone";
  /** The member of the stored record that holds it; null: none does. */
  readonly record: keyof Client | null;
  /** From the wire to the record. @param others that it may depend on */
  toRecord(value: unknown, others: Others): unknown;
  /** From the record to the wire; undefined: it is left out of the answer. */
  toWire(value: unknown): unknown;
}

interface Others {
  readonly client_id: string;
  readonly token_endpoint_auth_method: string;
}

type Recorded = Exclude<
  keyof Client,
  | "secretDigest"
  | "sealedSecret"
  | "previousSecret"
  | "registration"
  | "operatorSet"
  | "document"
  | "expiresAt"
  | "epoch"
  | "grantsEndBefore"
  | "createdAt"
  | "updatedAt"
>;
type SetBy = Member<z.ZodType>["setBy"];

/** A member whose value is stored as it is set. */
export function kept<Name extends Recorded, Schema extends z.ZodType<Client[Name]>>(
  record: Name,
  setBy: SetBy,
  schema: Schema,
): Member<Schema> {
  return { schema, setBy, record, toRecord: (value) => value, toWire: (value) => value };
}

/** A member whose value is stored in another form. */
export function converted<Name extends Recorded, Schema extends z.ZodType>(
  record: Name,
  setBy: SetBy,
  schema: Schema,
  convert: {
    toRecord(value: z.output<Schema>, others: Others): Client[Name];
    toWire(value: Client[Name]): z.output<Schema>;
  },
): Member<Schema> {
  return { schema, setBy, record, ...convert };
}

/** A member that is null in the record where it is left out. */
export const orNull = {
  toRecord: <T>(value: T | undefined): T | null => value ?? null,
  toWire: <T>(value: T | null): T | undefined => value ?? undefined,
};

/** A member that no record holds, because it is never shown. */
export function unrecorded<Schema extends z.ZodType>(schema: Schema): Member<Schema> {
  return { schema, setBy: "operator", record: null, toRecord: () => {}, toWire: () => {} };
}

/** A text that a function checks. @param problemOf says what is wrong with it; null: nothing */
export function checked(problemOf: (text: string) => string | null) {
  return z.string().superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem !== null) context.addIssue(problem);
  });
}

/** A member that is on or off. */
export function flag(usual: boolean) {
  return z.boolean().default(usual);
}

/** Scope names with spaces between them. */
export const scopeNames = z.string().max(2048).refine(
  (scope) => words(scope).every(isScopeToken),
  "must be scope names of printable ASCII without quotes and backslashes, with single spaces between",
);

/** The parts of a text that spaces separate. */
export function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}
