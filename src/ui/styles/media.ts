/** Styles for preferences of the user or the device: forced colours, less motion, print. */
export const media: string = `
@media (prefers-reduced-motion:no-preference){
.button,.account-nav a{transition:background-color .12s,border-color .12s}
}
@media (forced-colors:active){
.mark,.qr{forced-color-adjust:none}
.button{border:2px solid}
.account-nav [aria-current]{outline:2px solid}
.scopes li::before{border-color:CanvasText}
}
@media print{
:root{--ground:white;--surface:white;--sunk:white;--ink:black;--muted:black}
body{display:block;padding:0}
.door,.hall{max-width:none;border:0;padding:0;box-shadow:none}
.skip,footer,form,nav,.button{display:none}
.beside{display:block}
.codes{grid-template-columns:1fr 1fr;break-inside:avoid}
}
`;
