import { assertEquals } from "@std/assert";
import { shownDetails } from "../../routes/http/shown_details.ts";
import { detailTypeEntrySchema, detailTypeOf } from "../../src/grantable/details/type_entry.ts";
import { payment, payments, paymentType } from "../support/authorization_details.ts";

const paid = { ...payment, locations: [payments], instant: false };
const types = [paymentType, { ...paymentType, type: "german", text: { de: "Zahlen" } }]
  .map((entry) => detailTypeOf(detailTypeEntrySchema.parse(entry)));

function shown(type: string, language: "en" | "de") {
  const [detail] = shownDetails(types, [{ ...paid, type }], language);
  return [detail?.title, detail?.fields.map(({ label, values }) => `${label}=${values}`).join("|")];
}

Deno.test("details are shown in the language of the page, in another one, or by their names", () => {
  const english = "Amount: currency=EUR|Amount: amount=123.50|To=Merchant A|At once=false";
  const german = "Betrag: currency=EUR|Betrag: amount=123.50|An=Merchant A|Sofort=false";
  assertEquals(shown("payment_initiation", "en"), ["Pay from your account", english]);
  assertEquals(shown("payment_initiation", "de"), ["Von Ihrem Konto bezahlen", german]);
  assertEquals(shown("german", "en"), ["Zahlen", english]);
  // The type was deleted since: nothing of what was allowed is hidden.
  assertEquals(shown("gone", "de"), [
    "gone",
    "instructedAmount: currency=EUR|instructedAmount: amount=123.50|creditorName=Merchant A|instant=false",
  ]);
});
