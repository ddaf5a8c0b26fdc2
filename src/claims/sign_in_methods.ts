import { type Amr, isAmr } from "../protocol/amr.ts";

/** A sign-in method as users know it. */
export type Method = "password" | "passkey" | "email" | "code" | "recoveryCode";

/** @param amr as stored */
export function methodsOf(amr: readonly string[]): Method[] {
  return [...new Set(amr.filter(isAmr).flatMap((name) => methods[name] ?? []))];
}

/** Null: not a method, but a property of one. */
const methods: Readonly<Record<Amr, Method | null>> = {
  pwd: "password",
  hwk: "passkey",
  swk: "passkey",
  email: "email",
  otp: "code",
  recovery_code: "recoveryCode",
  user: null,
  mfa: null,
};
