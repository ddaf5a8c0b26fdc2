import { strings } from "../language/languages.ts";
import { Button } from "./components.tsx";
import type { Frame } from "./layout.tsx";

/** The button of a form by which a user answers as another one. Posts `decision` (another_account). */
export function AnotherAccount({ frame }: { readonly frame: Frame }) {
  return (
    <Button id="another-account" name="decision" value="another_account" kind="quiet">
      {strings(frame.language).login.anotherAccount}
    </Button>
  );
}
