import { z } from "zod";
import { isBlank, shownTextProblem } from "../../identifiers/shown_text.ts";
import { deviceReader } from "../../language/device.ts";

/** The name of a passkey. Its length is counted in characters as users see them. */
export const passkeyNameSchema = z.string().max(1024, { abort: true }).trim().normalize().refine(
  (name) => !isBlank(name) && [...name].length <= 64 && shownTextProblem(name) === null,
  "must have 1 to 64 characters",
);

/** A first name, which the user can change: the password manager, or the device where it was created. */
export async function guessedName(aaguid: string, userAgent: string | null): Promise<string> {
  const provider = providers[aaguid];
  if (provider !== undefined) return provider;
  const { browser, system } = (await deviceReader())(userAgent);
  const place = [browser, system].filter((part) => part !== null);
  return place.length === 0 ? "Passkey" : place.join(", ").slice(0, 64);
}

/** Password managers and platforms, by their AAGUIDs. */
const providers: Readonly<Record<string, string>> = {
  "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "iCloud Keychain",
  "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "iCloud Keychain",
  "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
  "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
  "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
  "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
  "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome, macOS",
  "771b48fd-d3d4-4f74-9232-fc157ab0507a": "Edge, macOS",
  "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
  "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
  "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
  "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
  "b84e4048-15dc-4dd0-8640-f4f60813c8af": "NordPass",
  "0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6": "Keeper",
  "f3809540-7f14-49c1-a8b3-8f813b225541": "Enpass",
  "fdb141b2-5d84-443e-8a35-4698c205a502": "KeePassXC",
  "50726f74-6f6e-5061-7373-50726f746f6e": "Proton Pass",
};
