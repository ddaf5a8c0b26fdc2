/**
 * The script of pages with a passkey button. It runs in the browser, after the library. Only this
 * button needs a script: without one, or without WebAuthn, the button stays hidden.
 *
 * Each ceremony requests its own options with its own challenge. If a ceremony is interrupted by the
 * button or by time, the challenge of the next one is not affected. The page contains the texts,
 * because it knows the language.
 */
export const passkeyScript = `(() => {
"use strict";
const webauthn = globalThis.SimpleWebAuthnBrowser;
const at = (id) => document.getElementById(id);
const block = at("passkey");
if (!block) return;
if (!webauthn.browserSupportsWebAuthn()) return block.remove();

const [form, button, status] = [at("passkey-form"), at("passkey-button"), at("passkey-status")];
const { options: optionsUrl, ceremony } = block.dataset;
const typed = (block.dataset.typed ?? "").split(" ").filter(Boolean);
const texts = {};
for (const text of at("passkey-texts").content.children) texts[text.dataset.text] = text.textContent;
const unsupported = at("passkey-unsupported");
if (unsupported) unsupported.hidden = true;
block.hidden = false;

class Failure extends Error {
  constructor(text) {
    super(text);
    this.text = text;
  }
}

function say(text) {
  status.textContent = texts[text] ?? "";
  status.className = text === "" ? "" : text === "waiting" ? "hint" : "notice notice-error";
}

// The values typed beside the button are sent too. The browser reports invalid ones.
function takeTyped() {
  return typed.every((name) => {
    form.elements.namedItem(name).value = at(name).value;
    return at(name).reportValidity();
  });
}

async function fetchOptions() {
  const body = new URLSearchParams(new FormData(form));
  let response;
  try {
    response = await fetch(optionsUrl, { method: "POST", body });
  } catch {
    throw new Failure("offline");
  }
  if (response.redirected) { // the user must sign in again first
    location.assign(response.url);
    return await new Promise(() => {});
  }
  if (response.ok) return await response.json();
  if (response.status === 422) { // a field must be corrected: the page says which
    send(null);
    return await new Promise(() => {});
  }
  throw new Failure(response.status === 429 ? "busy" : response.status < 500 ? "stale" : "offline");
}

function textOf(error, patience) {
  if (error instanceof Failure) return error.text;
  switch (error.cause?.name ?? error.name) {
    case "NotAllowedError": // cancelled, too late or nothing there: the browser does not say which
      return patience <= 0 ? "timeout" : "cancelled";
    case "InvalidStateError":
      return "known";
    case "SecurityError":
      return "insecure";
    case "AbortError":
      return "interrupted";
    case "NotSupportedError":
    case "ConstraintError":
      return "unsupported";
    default:
      return "other";
  }
}

function send(credential) {
  form.elements.namedItem("credential").value = credential === null ? "" : JSON.stringify(credential);
  HTMLFormElement.prototype.submit.call(form);
}

let pressed = false;

button.addEventListener("click", async () => {
  if (pressed || !takeTyped()) return;
  pressed = true;
  button.setAttribute("aria-disabled", "true");
  say("waiting");
  let giveUpAt = Infinity;
  try {
    const optionsJSON = await fetchOptions();
    giveUpAt = performance.now() + optionsJSON.timeout - 1000;
    send(
      ceremony === "registration"
        ? await webauthn.startRegistration({ optionsJSON })
        : await webauthn.startAuthentication({ optionsJSON }),
    );
    return; // the browser leaves the page
  } catch (error) {
    say(textOf(error, giveUpAt - performance.now()));
  }
  pressed = false;
  button.removeAttribute("aria-disabled");
  suggest();
});

// The browser offers passkeys in the username field as long as the page is open.
let refusals = 0;
let renewal;

async function suggest() {
  const field = document.querySelector("input[autocomplete$=webauthn]");
  if (ceremony !== "suggested" || !field || field.readOnly) return;
  if (!await webauthn.browserSupportsWebAuthnAutofill()) return;
  clearTimeout(renewal);
  try {
    const optionsJSON = await fetchOptions();
    if (pressed) return;
    renewal = setTimeout(renew, optionsJSON.timeout - 60000);
    const credential = await webauthn.startAuthentication({ optionsJSON, useBrowserAutofill: true });
    pressed = true;
    send(credential);
  } catch (error) {
    // Show no error to a user who did not press the button: the browser may have stopped by itself.
    clearTimeout(renewal);
    if (textOf(error, 1) === "cancelled" && ++refusals <= 3) renewal = setTimeout(renew, 1000);
  }
}

// A hidden tab needs no fresh challenge.
function renew() {
  if (pressed) return;
  if (!document.hidden) suggest();
  else document.addEventListener("visibilitychange", renew, { once: true });
}

addEventListener("pageshow", ({ persisted }) => { // the user came Back: the pending ceremony is gone
  if (!persisted) return;
  pressed = false;
  button.removeAttribute("aria-disabled");
  say("");
  suggest();
});
suggest();
})();
`;
