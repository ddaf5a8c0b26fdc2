import { account } from "./styles/account.ts";
import { colours } from "./styles/colours.ts";
import { media } from "./styles/media.ts";

const page = `
*,::before,::after{box-sizing:border-box}
[hidden]{display:none!important}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;
align-items:center;padding:1rem;background:var(--ground);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;
font-size:.875em}
pre code{font-size:inherit}
h1,h2,h3,p,ul,dl,dd,pre{margin:0}
h1{font-size:1.625rem;line-height:1.2;font-weight:650;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:1.0625rem;line-height:1.3;font-weight:650}
a{color:var(--accent);text-underline-offset:.2em}
a:hover{color:var(--accent-strong);text-decoration-thickness:2px}
:focus{outline:none}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:4px}
main:focus-visible{outline:none}
.skip{position:absolute;left:1rem;top:-4rem;z-index:1;padding:.75rem 1rem;border-radius:6px;
background:var(--surface)}
.skip:focus{top:1rem}
.door{width:100%;max-width:27rem;margin:auto 0;background:var(--surface);
border:1px solid var(--line);border-radius:50% 50% 10px 10px/4.5rem 4.5rem 10px 10px;
padding:2rem 1.25rem 1.75rem}
.brand{display:flex;flex-direction:column;align-items:center;gap:.5rem;margin-bottom:1.25rem}
.brand-name{font-size:.875rem;font-weight:600;color:var(--muted);text-align:center}
.mark,.logo{display:block;flex:none}
.logo{height:3rem;width:auto;max-width:100%;object-fit:contain}
.mark-door{fill:var(--door)}
.mark-key{stroke:var(--key)}
main{display:grid;gap:1rem;grid-template-columns:minmax(0,1fr)}
.title{display:grid;gap:.375rem;text-align:center;margin-bottom:.5rem}
.lead{color:var(--muted);text-wrap:balance}
li{text-wrap:pretty}
.lead .name{color:var(--ink)}
.client-logo{width:1.375em;height:1.375em;object-fit:contain;border-radius:.25em;vertical-align:-.3em}
.title-above{font-size:2.5rem;line-height:1;margin-bottom:.375rem}
.name{font-weight:600}
.hint{color:var(--muted);font-size:.875rem}
.centred{text-align:center}
p>a:only-child:not(.button){display:inline-block;padding:.125rem 0}
.label{font-size:.875rem;font-weight:600}
footer{display:flex;flex-wrap:wrap;align-items:center;justify-content:center;gap:.25rem 1.25rem;
padding:1rem 0 0;font-size:.875rem;color:var(--muted)}
footer a{color:inherit;padding:.25rem 0}
footer nav{display:flex;gap:1.25rem}
@media (min-width:30rem){
body{padding:2rem}
.door{padding:2.5rem 2.5rem 2.25rem;
box-shadow:0 0 0 7px var(--ground),0 0 0 8px var(--line),0 1.5rem 3rem -1.5rem #0003}
footer{padding-top:1.75rem}
}
`;

const controls = `
form{display:grid;gap:1rem}
.field{display:grid;gap:.375rem}
label{font-weight:600;font-size:.9375rem}
input,select,textarea{font:inherit;color:inherit;width:100%;min-height:3rem;padding:.625rem .75rem;
background:var(--surface);border:1px solid var(--edge);border-radius:6px}
input:hover,select:hover,textarea:hover{border-color:var(--ink)}
input[type=checkbox],input[type=radio]{width:1.5rem;min-height:1.5rem;margin:0;accent-color:var(--accent)}
.checkbox{display:grid;grid-template-columns:auto minmax(0,1fr);gap:.125rem .75rem;align-items:center}
.checkbox .hint{grid-column:2}
.input-code{font:600 1.5rem/1 ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;
letter-spacing:.3em;text-align:center;padding:.75rem 0 .75rem .3em}
.code-shown{font:600 2rem/1.2 ui-monospace,"SF Mono",Menlo,Consolas,monospace;letter-spacing:.2em;
text-align:center;text-indent:.2em}
.input-code[aria-invalid]{padding:.6875rem 0 .6875rem .3em}
input:focus-visible{border-radius:6px;outline-offset:0;border-color:var(--focus)}
input[readonly]{background:var(--sunk);border-style:dashed}
input[aria-invalid]{border:2px solid var(--danger);padding:.5625rem .6875rem}
.field-error{color:var(--danger);font-size:.9375rem;font-weight:600}
.button{display:inline-block;align-content:center;width:100%;min-height:3rem;
padding:.6875rem 1.25rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;
border:1px solid var(--accent);border-radius:6px;cursor:pointer;
background:var(--accent);color:var(--on-accent)}
.button:hover{background:var(--accent-strong);border-color:var(--accent-strong);
color:var(--on-accent)}
.button:focus-visible{border-radius:6px}
.button-secondary,.button-danger,.button-quiet{background:var(--surface);color:var(--ink);
border-color:var(--edge)}
.button-secondary:hover,.button-quiet:hover{background:var(--sunk);color:var(--ink);
border-color:var(--ink)}
.button-danger{color:var(--danger);border-color:var(--danger)}
.button-danger:hover{background:var(--danger);border-color:var(--danger);color:var(--surface)}
.button-quiet{border-color:transparent;color:var(--accent);font-weight:500;text-decoration:underline;
text-underline-offset:.2em}
.divider{display:flex;align-items:center;gap:.75rem;color:var(--muted);font-size:.875rem}
.divider::before,.divider::after{content:"";flex:1;border-top:1px solid var(--line)}
.field-link{font-size:.875rem;text-align:right;margin-top:-.625rem}
.field-link a,.other-places a{display:inline-block;padding:.25rem 0}
.other-places{display:flex;flex-wrap:wrap;justify-content:center;gap:0 1.5rem;margin-top:.5rem;
padding-top:.75rem;border-top:1px solid var(--line);font-size:.875rem}
details+.other-places{border-top:0;margin-top:-1rem}
.choice{display:flex;flex-wrap:wrap;gap:.75rem}
.choice .button{flex:1 1 9rem}
.ways{display:grid;gap:1rem}
.card .ways{justify-items:start}
.ways>:empty{display:none}
#passkey:not([hidden])~.button-primary{background:var(--surface);color:var(--ink);
border-color:var(--edge)}
#passkey:not([hidden])~.button-primary:hover{background:var(--sunk);border-color:var(--ink)}
@media (scripting:enabled){#passkey[hidden]{display:block!important;visibility:hidden}}
.button[aria-disabled]{opacity:.6;cursor:progress}
.notice{display:grid;gap:.25rem;padding:.875rem 1rem;border:1px solid var(--line);
border-left:4px solid var(--brass);border-radius:6px;background:var(--sunk)}
.notice-title{font-size:1rem}
main>.notice:first-child+.title{margin-top:1rem}
.notice-error{border-color:var(--danger);background:var(--danger-sunk)}
.notice-error a,.notice-error .notice-title{color:var(--danger)}
.plain{list-style:none;padding:0}
details{border-top:1px solid var(--line)}
summary{padding:.75rem 0;min-height:3rem;font-weight:600;cursor:pointer}
.disclosed{display:grid;gap:1rem;padding:.25rem 0 .5rem}
`;

const parts = `
.scopes{list-style:none;padding:0;border-top:1px solid var(--line)}
.scopes li{position:relative;padding:.75rem 0 .75rem 1.75rem;border-bottom:1px solid var(--line)}
.scopes li::before{content:"";position:absolute;left:.25rem;top:1.125rem;width:.75rem;
height:.75rem;border:3px solid var(--brass);border-radius:50%}
.scopes .hint{display:block}
.scopes .details{margin:.5rem 0;padding-top:.5rem}
.hint .details{gap:.375rem;border:0;padding:.25rem 0}
.hint .details dd{color:var(--ink)}
.details bdi{white-space:pre-wrap}
.destination{color:var(--muted);font-size:.9375rem}
.host{display:block;margin-top:.375rem;padding:.5rem .75rem;border-radius:6px;
background:var(--sunk);border:1px solid var(--line);color:var(--ink);font-weight:600;font-size:1rem}
.client-links{display:flex;flex-wrap:wrap;justify-content:center;gap:0 1.25rem;font-size:.875rem}
.client-links a{padding:.25rem 0}
.details{display:grid;gap:.625rem;border-top:1px solid var(--line);padding-top:1rem}
.details dt{font-size:.875rem;color:var(--muted)}
.developers{display:grid;gap:.75rem;padding:1rem;border-radius:6px;background:var(--sunk);
border:1px solid var(--line)}
.code{padding:.75rem;border-radius:6px;background:var(--sunk);border:1px solid var(--line);
white-space:pre-wrap;line-height:1.55}
.jwt-0{color:var(--jwt-0)}
.jwt-1{color:var(--jwt-1)}
.jwt-2{color:var(--jwt-2)}
`;

const hall = `
.hall{width:100%;max-width:68rem}
.hall .brand{flex-direction:row;margin-bottom:1.5rem}
.hall .logo{height:2rem}
.hall main{gap:1.5rem}
.hall .title{text-align:left;max-width:44rem;margin:0}
.hall .button{width:auto}
.card{display:grid;gap:.75rem;align-content:start;padding:1.25rem;border:1px solid var(--line);
border-radius:10px;background:var(--surface)}
.card form{grid-template-columns:minmax(0,27rem);justify-content:start}
.card form .button{justify-self:start}
.bar{display:flex;flex-wrap:wrap;gap:1rem;align-items:center;justify-content:space-between}
.actions{display:flex;flex-wrap:wrap;gap:.5rem}
.columns,.column{display:grid;gap:1rem;grid-template-columns:minmax(0,1fr);align-content:start}
.hall details{background:var(--surface);border:1px solid var(--line);border-bottom:0;
padding:0 1.25rem}
.hall section>details:first-of-type{border-radius:10px 10px 0 0;margin-top:.75rem}
.hall section>details:last-of-type{border-bottom:1px solid var(--line);border-radius:0 0 10px 10px}
.disclosed .column{gap:.5rem}
.disclosed{padding-bottom:1.25rem}
.step{display:inline-block;margin-right:.75rem}
.step-line{display:block;color:var(--muted);font-weight:400}
.status{float:right;font-weight:600;color:var(--accent)}
.status-bad{color:var(--danger)}
@media (min-width:40rem){.step-line{display:inline}}
@media (min-width:52rem){.columns{grid-template-columns:repeat(2,minmax(0,1fr))}}
`;

/** The only stylesheet. Its URL contains its digest, so browsers may cache it forever. */
export const stylesheet: string = [
  colours,
  page,
  controls,
  parts,
  hall,
  account,
  media,
].join("").trimStart();
