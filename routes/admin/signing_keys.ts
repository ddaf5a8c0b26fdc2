import {
  listSigningKeys,
  rotateSigningKeys,
  withdrawSigningKeys,
} from "../../src/admin/signing_keys.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints } from "./http.ts";

/** The keys that this server signs with. */
export function signingKeyRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/signing-keys", answered(deps, listSigningKeys))
    .post("/signing-keys/rotate", answered(deps, rotateSigningKeys))
    .post("/signing-keys/emergency-rotate", answered(deps, withdrawSigningKeys));
}
