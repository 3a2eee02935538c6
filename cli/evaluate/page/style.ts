/** Colours follow the reader's scheme; attacks and benign sessions differ in lightness too, for those who do not see the hues. */
export const STYLE = `
:root{color-scheme:light dark;--page:#fff;--ink:#1b1f24;--quiet:#5b6673;--line:#dfe3e8;--panel:#f5f7f9;--attack:#b4420b;--benign:#5b9bd5;--alert:#1b1f24}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--ink:#e4e7eb;--quiet:#9aa5b1;--line:#323a44;--panel:#1c2127;--attack:#e5813f;--benign:#4a86c5;--alert:#fff}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,sans-serif;margin:0 auto;padding:2rem 1rem 4rem;max-width:72rem;color:var(--ink);background:var(--page)}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2.5rem 0 .5rem}h3{font-size:1rem;margin:1.5rem 0 .25rem}
p{margin:.25rem 0 .75rem;max-width:62rem}.quiet{color:var(--quiet)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:.75rem;margin:1.25rem 0}
.tile{background:var(--panel);border-radius:.5rem;padding:.75rem .9rem}.tile b{display:block;font-size:1.5rem;line-height:1.25;font-weight:600}
.tile span{display:block;font-size:.8rem;color:var(--quiet)}
.plots{display:flex;flex-wrap:wrap;gap:1.5rem}figure,.beside{margin:0;flex:1 1 26rem;max-width:34rem;min-width:0}figcaption,.caption{font-weight:600;margin-bottom:.25rem}
svg{display:block}figure svg{width:100%;height:auto}svg text{font-size:12px;fill:var(--quiet)}
.grid{stroke:var(--line);fill:none}.chance{stroke:var(--quiet);stroke-dasharray:4 4;fill:none}
.curve{stroke:var(--attack);stroke-width:2;fill:none;stroke-linejoin:round}
.spread{stroke:var(--alert);stroke-width:1.5;fill:none}.point{fill:var(--alert)}
.attack{fill:var(--attack)}.benign{fill:var(--benign)}.track{fill:var(--line)}
.legend{font-size:.85rem;color:var(--quiet);margin:.25rem 0}.key{display:inline-block;width:.75em;height:.75em;border-radius:2px;margin:0 .35em 0 .9em}
.key:first-child{margin-left:0}.key.attack{background:var(--attack)}.key.benign{background:var(--benign)}.key.alert{background:var(--alert);border-radius:50%}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;width:100%}
th,td{padding:.3rem .75rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--quiet);white-space:nowrap}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}.bar{width:11rem;vertical-align:middle}.bar svg{width:11rem}.both .bar,.both .bar svg{width:7.5rem}
.say{min-width:22rem;overflow-wrap:anywhere}.name{overflow-wrap:anywhere;min-width:8rem}.id{overflow-wrap:anywhere;min-width:13rem}.say b{font-weight:600}
@media print{body{max-width:none}.plots{break-inside:avoid}}
`;
