import type { PublicJwk } from "../../stores/public_jwk.ts";
import { needsKeys } from "./jwks.ts";
import { hasKeyFor } from "./key_use.ts";

const answers = ["authorization", "id_token", "userinfo", "introspection"] as const;
type Answer = (typeof answers)[number];
type AnswerMember = `${Answer}_encrypted_response_${"alg" | "enc"}`;
type Member = AnswerMember | `request_object_encryption_${"alg" | "enc"}`;

/** What is wrong with the encryption of a client's answers and requests. */
export function encryptionProblems(
  metadata: Readonly<Partial<Record<Member, string | undefined>>> & {
    readonly jwks?: { readonly keys: readonly PublicJwk[] } | undefined;
    readonly jwks_uri?: string | undefined;
    readonly request_object_signing_alg?: string | undefined;
  },
): { readonly path: Member; readonly problem: string }[] {
  const ofAnswers = answers.flatMap((answer): { path: Member; problem: string }[] => {
    const alg: Member = `${answer}_encrypted_response_alg`;
    const enc: Member = `${answer}_encrypted_response_enc`;
    const algorithm = metadata[alg];
    if (algorithm === undefined) {
      return metadata[enc] === undefined ? [] : [{ path: enc, problem: `needs ${alg}` }];
    }
    return hasKeyFor(metadata, algorithm) ? [] : [{ path: alg, problem: needsKeys }];
  });
  const [alg, enc] = ["request_object_encryption_alg", "request_object_encryption_enc"] as const;
  if (metadata[alg] === undefined && metadata[enc] !== undefined) {
    return [...ofAnswers, { path: enc, problem: `needs ${alg}` }];
  }
  // Anybody can encrypt for this server: encryption alone would say nothing about the sender.
  if (metadata[alg] !== undefined && metadata.request_object_signing_alg === "none") {
    return [...ofAnswers, { path: alg, problem: "needs request objects that are signed" }];
  }
  return ofAnswers;
}
