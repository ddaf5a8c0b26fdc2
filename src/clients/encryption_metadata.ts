import { hasKeys, needsKeys } from "./jwks.ts";

const answers = ["authorization", "id_token", "userinfo", "introspection"] as const;
type Answer = (typeof answers)[number];
type AnswerMember = `${Answer}_encrypted_response_${"alg" | "enc"}`;
type Member = AnswerMember | `request_object_encryption_${"alg" | "enc"}`;

/** What is wrong with how a client wants its answers encrypted, or encrypts its requests. */
export function encryptionProblems(
  metadata: Readonly<Partial<Record<Member, string | undefined>>> & {
    readonly jwks?: unknown;
    readonly jwks_uri?: string | undefined;
    readonly request_object_signing_alg?: string | undefined;
  },
): { readonly path: Member; readonly problem: string }[] {
  const ofAnswers = answers.flatMap((answer): { path: Member; problem: string }[] => {
    const alg: Member = `${answer}_encrypted_response_alg`;
    const enc: Member = `${answer}_encrypted_response_enc`;
    if (metadata[alg] === undefined) {
      return metadata[enc] === undefined ? [] : [{ path: enc, problem: `needs ${alg}` }];
    }
    return hasKeys(metadata) ? [] : [{ path: alg, problem: needsKeys }];
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
