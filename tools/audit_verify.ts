import { verifyExport } from "../src/audit/verify.ts";

/**
 * Verifies an export of the audit trail on any machine:
 *
 *     deno task audit:verify FILE [KID OF THE AUDIT KEY] [DAYS THAT EVENTS ARE KEPT, 90]
 *
 * Exits with 1 if anything was tampered with, with 2 if it cannot tell.
 */
if (import.meta.main) {
  const [file, kid, days = "90"] = Deno.args;
  if (file === undefined || !/^\d+$/.test(days)) {
    console.error("usage: deno task audit:verify FILE [KID] [DAYS]");
    Deno.exit(2);
  }
  const text = await Deno.readTextFile(file).catch((error) => {
    console.error(`${file} cannot be read: ${error.message}`);
    Deno.exit(2);
  });
  const keptSince = Date.now() - Number(days) * 86_400_000;
  const verification = await verifyExport(text, {
    keptSince,
    ...(kid === undefined ? {} : { kid }),
  }).catch((error) => {
    console.error(`${file} is not an export of the audit trail: ${error.message}`);
    Deno.exit(2);
  });
  const { seals, sealedEvents, unsealedEvents, expiredEvents, problems } = verification;
  console.log(
    `${seals} seals over ${sealedEvents} events (${expiredEvents} of them expired); ` +
      `${unsealedEvents} events since the last seal`,
  );
  for (const problem of problems) console.log(problem);
  if (problems.length === 0 && seals === 0) {
    // As of an empty file, or where the whole trail was thrown away: that would look the same.
    console.log("there is no seal in it, so nobody can tell whether it was tampered with");
    Deno.exit(2);
  }
  console.log(problems.length === 0 ? "nothing was tampered with" : "the trail was tampered with");
  Deno.exit(problems.length === 0 ? 0 : 1);
}
