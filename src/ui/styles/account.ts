/** The account and its lists. */
export const account: string = `
.beside{display:grid;gap:1.25rem;grid-template-columns:minmax(0,1fr)}
.beside main{align-content:start}
.account-person{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;
font-weight:600;margin-bottom:.5rem}
.account-nav ul{display:flex;flex-wrap:wrap;gap:.25rem;margin-inline:-.5rem}
.account-nav a{display:block;padding:.375rem .5rem;font-size:.9375rem;border-radius:6px;color:var(--ink);
text-decoration:none}
.account-nav a:hover{background:var(--surface);text-decoration:underline}
.account-nav [aria-current]{background:var(--surface);color:var(--accent);
box-shadow:inset 0 -3px var(--accent)}
.account-nav .account-leave a{color:var(--muted)}
.items{list-style:none;padding:0}
.item{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;padding:.875rem 0;
border-top:1px solid var(--line)}
.items .item:last-child{padding-bottom:0}
main>.items{padding:.25rem 1.25rem 1.25rem;border:1px solid var(--line);border-radius:10px;
background:var(--surface)}
main>.items .item:first-child{border-top:0}
.item:has(ul){align-items:flex-start}
.card>.items+.hint{padding-top:.875rem;border-top:1px solid var(--line)}
.item-text{flex:1 1 14rem;min-width:0;display:grid;gap:.125rem}
.item-title{font-weight:600}
.card .item-action form{display:block}
.item-action .button{min-height:2.5rem;padding:.4375rem 1rem;font-size:.9375rem}
.badge{display:inline-block;padding:.0625rem .5rem;border:1px solid var(--line);
border-radius:1rem;background:var(--sunk);font-size:.8125rem;font-weight:600;color:var(--muted);
vertical-align:.0625rem}
dd>.badge:only-child,.card>p>.badge:first-child{margin-left:0}
.badge-good{color:var(--accent);border-color:currentcolor}
.badge-warning{color:var(--danger);border-color:currentcolor;background:var(--danger-sunk)}
.empty{display:grid;gap:.75rem;justify-items:start;padding:1rem;border:1px dashed var(--edge);
border-radius:6px;color:var(--muted)}
.codes{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.5rem,1fr));gap:.25rem 1rem;
margin:0;padding:1rem 1rem 1rem 3rem;border:1px solid var(--line);border-radius:6px;
background:var(--sunk)}
.codes li{padding-left:.25rem;color:var(--muted)}
.codes code{font-size:1.0625rem;font-weight:600;color:var(--ink);letter-spacing:.05em}
.qr{display:block;width:100%;max-width:14rem;margin:0 auto;border-radius:6px}
.hall .qr{margin:0}
@media (min-width:40rem){
.card>.details{gap:.75rem}
.card>.details>div{display:grid;grid-template-columns:12rem minmax(0,1fr);gap:0 1rem;align-items:baseline}
}
@media (min-width:52rem){
.beside{grid-template-columns:12rem minmax(0,1fr);gap:2.5rem}
.account-nav ul{flex-direction:column;margin-inline:0}
.account-nav a{padding:.5rem .75rem;font-size:1rem}
.account-nav [aria-current]{box-shadow:inset 3px 0 var(--accent);font-weight:600}
.account-leave{margin-top:.75rem;border-top:1px solid var(--line);padding-top:.75rem}
}
`;
