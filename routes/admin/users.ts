import { listUserSessions } from "../../src/admin/sessions.ts";
import { deleteUser } from "../../src/admin/user_deletion.ts";
import { listUserPasskeys, removeUserPasskey } from "../../src/admin/user_passkeys.ts";
import {
  createUser,
  endUserSessions,
  listUsers,
  readUser,
  removeUserTotp,
  setUserStatus,
  updateUser,
} from "../../src/admin/users.ts";
import type { Deps } from "../../src/deps/deps.ts";
import type { Endpoints } from "../endpoint.ts";
import { answered, apiEndpoints } from "./http.ts";

/** People. */
export function userRoutes(deps: Deps): Endpoints {
  return apiEndpoints()
    .get("/users", answered(deps, listUsers))
    .post("/users", answered(deps, createUser))
    .get("/users/:id", answered(deps, readUser))
    .put("/users/:id", answered(deps, (...request) => updateUser(...request, "replace")))
    .patch("/users/:id", answered(deps, (...request) => updateUser(...request, "merge")))
    .delete("/users/:id", answered(deps, deleteUser))
    .post("/users/:id/suspend", answered(deps, (...one) => setUserStatus(...one, "suspended")))
    .post("/users/:id/activate", answered(deps, (...one) => setUserStatus(...one, "active")))
    .get("/users/:id/sessions", answered(deps, listUserSessions))
    .delete("/users/:id/sessions", answered(deps, endUserSessions))
    .get("/users/:id/passkeys", answered(deps, listUserPasskeys))
    .delete("/users/:id/passkeys/:passkey_id", (c) => {
      const passkeyId = c.req.param("passkey_id");
      return answered(deps, (...one) => removeUserPasskey(...one, passkeyId))(c);
    })
    .delete("/users/:id/totp", answered(deps, removeUserTotp));
}
