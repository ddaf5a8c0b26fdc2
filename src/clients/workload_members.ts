import { z } from "zod";
import { converted, orNull } from "./member.ts";

/** The members of a client that is a workload, as src/clients/members.ts has the others. */
export const workloadMembers = {
  workload_issuer: converted(
    "workloadIssuer",
    "operator",
    z.url({ protocol: /^https?$/, error: "must be the URL of an issuer" }).max(256).optional(),
    orNull,
  ),
  workload_subject: converted(
    "workloadSubject",
    "operator",
    z.string().min(1).max(256).regex(/^[^\p{Cc}]+$/u, "must have no control characters").optional(),
    orNull,
  ),
};
