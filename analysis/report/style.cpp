#include <halfulp/analysis/report/page.hpp>

namespace halfulp::analysis::page {

// Colours tell verdicts apart for all kinds of colour vision (blue, amber, dark red; shapes repeat it).
const std::string_view style = R"css(
:root {
  color-scheme: light dark;
  --paper: #fdfdfb; --raised: #fff; --ink: #1d1f23; --soft: #5b6069; --faint: #8b9099; --rule: #e2e2dc; --wash: #f4f4ef;
  --link: #1a5a96; --blue: #2f78b7; --amber: #b97700; --red: #a3123a; --bar: #5f8fba; --good: #3f7d5f;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, "Noto Serif", "Liberation Serif", serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --raised: #1b1e22; --ink: #e4e5e7; --soft: #a5abb4; --faint: #7d838d; --rule: #2e3238;
    --wash: #1f2226; --link: #8fbfea; --blue: #74b2e6; --amber: #e9ae3e; --red: #ff7d95; --bar: #6e9cc4; --good: #7fc4a0;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3.4rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 var(--sans); }
main, footer, nav ul { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; text-underline-offset: .18em; }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -99em; }
.skip:focus { left: 1rem; top: .5rem; z-index: 3; background: var(--raised); padding: .3rem .6rem; }
nav { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--rule); }
nav ul { display: flex; gap: 1.3rem; list-style: none; overflow-x: auto; white-space: nowrap; font-size: 13.5px;
  line-height: 2.75rem; scrollbar-width: none; }
nav .brand { font: 600 16px/2.75rem var(--serif); color: var(--ink); margin-right: .4rem; }
h1, h2 { font-family: var(--serif); font-weight: 600; line-height: 1.2; letter-spacing: -.01em; text-wrap: balance; }
h1 { font-size: 2.1rem; margin: 2.6rem 0 .8rem; }
h2 { font-size: 1.5rem; margin: 0 0 .6rem; }
h3 { font-size: 1rem; font-weight: 600; margin: 1.9rem 0 .5rem; }
h4 { font-size: .93rem; font-weight: 600; margin: 1.1rem 0 .3rem; }
section { margin: 3.2rem 0 0; }
p { margin: .5rem 0; max-width: 46rem; text-wrap: pretty; }
.lead { font: 1.13rem/1.55 var(--serif); }
p.versions { max-width: none; margin: .9rem 0 0; }
.versions b { color: var(--ink); font-weight: 600; }
.versions span { margin-right: 1.2rem; white-space: nowrap; }
.note, figcaption span, .meta { color: var(--soft); font-size: 13.5px; }
.caveats { margin: 1.1rem 0 0; padding: .5rem 1rem; list-style: none; background: var(--wash);
  border-left: 3px solid var(--amber); font-size: 14px; }
.caveats li { margin: .2rem 0; overflow-wrap: anywhere; }
dl.figures { display: grid; grid-template-columns: repeat(4, 1fr); gap: 1.1rem 1.6rem;
  margin: 1.8rem 0 0; padding: 1.1rem 0; border: solid var(--rule); border-width: 1px 0; }
.figures dt { color: var(--soft); font-size: 13px; line-height: 1.35; }
.figures dd { margin: 0; font: 600 1.5rem/1.3 var(--serif); font-variant-numeric: lining-nums tabular-nums; }
ol.worst { list-style: none; counter-reset: worst; margin: 1rem 0 0; padding: 0; }
ol.worst > li { counter-increment: worst; position: relative; padding: 1rem 0 1.1rem 2.6rem;
  border-top: 1px solid var(--rule); }
ol.worst > li::before { content: counter(worst); position: absolute; left: 0; top: .82rem;
  font: 600 1.5rem/1.3 var(--serif); color: var(--faint); }
ol.worst h3 { margin: 0 0 .15rem; font-size: 1.05rem; }
ol.worst p { max-width: 60rem; overflow-wrap: anywhere; }
code, pre { font-family: var(--mono); font-size: 12.5px; }
pre.command { margin: .45rem 0 0; padding: .45rem .7rem; background: var(--wash); border-radius: 4px; overflow-x: auto;
  line-height: 1.5; user-select: all; -webkit-user-select: all; }
pre.command::before { content: "$ "; color: var(--faint); }
.scroll { overflow-x: auto; margin: .8rem 0 0; }
.scroll:focus-visible { outline-offset: 0; }
table { border-collapse: collapse; font-size: 13.5px; line-height: 1.35; width: 100%; }
th, td { padding: .33rem .6rem; text-align: left; vertical-align: baseline; }
th { font-weight: 600; }
thead th { color: var(--soft); font-weight: 500; font-size: 12.5px; vertical-align: bottom;
  border-bottom: 1px solid var(--faint); }
thead th.unit, thead tr.over th { border-bottom-color: var(--rule); }
tbody td, tbody th { border-bottom: 1px solid var(--rule); }
tbody th { font-weight: 500; }
tbody tr:hover td { background: var(--wash); }
.num { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums lining-nums; }
th.num { text-align: right; }
th.group { text-align: center; border-bottom: 1px solid var(--rule); }
tr.op .small { font: 400 12px/1.3 var(--sans); margin-left: .6rem; }
tr.op th { padding-top: 1.4rem; font: 600 1.05rem/1.3 var(--serif); border-bottom: 1px solid var(--faint); }
.quiet, .quiet a { color: var(--faint); }
.share { position: relative; display: inline-block; width: 4.4rem; }
.share i { position: absolute; left: 0; right: 0; bottom: -3px; height: 2px; background: var(--rule); }
.share i::before { content: ""; display: block; height: 100%; width: var(--share); background: var(--good); }
.small { font-size: 12px; color: var(--soft); white-space: normal; }
.tag { white-space: nowrap; font-size: 13px; font-weight: 500; color: var(--soft); }
.tag.explained { color: var(--blue); } .tag.avoidable { color: var(--amber); }
.tag.beyond, .tag.crashed, .tag.accepted-invalid, .tag.timed-out, .tag.wrong-type, .tag.refused-valid {
  color: var(--red); }
td.beyond, td.beyond a { color: var(--red); font-weight: 600; } td.avoidable { color: var(--amber); font-weight: 600; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20.5rem, 100%), 1fr)); gap: 1.1rem 1.8rem;
  margin: .8rem 0 0; }
figure { margin: 0; }
figcaption { font-size: 14px; }
figcaption b { font-weight: 600; }
svg { display: block; width: 100%; height: auto; overflow: visible; font-family: var(--sans); }
svg text { fill: var(--soft); font-size: 10.5px; font-variant-numeric: tabular-nums; }
svg .label { fill: var(--faint); } svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
svg .axis { stroke: var(--faint); } svg .grid { stroke: var(--rule); }
svg .bar { fill: var(--bar); } svg .bar.right { fill: var(--good); } svg rect:hover { filter: brightness(1.2); }
svg .half { stroke: var(--faint); stroke-dasharray: 2 3; }
svg .within { fill: var(--wash); } svg .diagonal { stroke: var(--soft); stroke-dasharray: 5 3; }
svg .dot { stroke: var(--paper); stroke-width: .8; fill-opacity: .82; }
svg .dot:hover { fill-opacity: 1; stroke: var(--ink); }
svg .explained { fill: var(--blue); } svg .avoidable { fill: var(--amber); } svg .beyond { fill: var(--red); }
.key svg { display: inline-block; width: 12px; height: 12px; vertical-align: -1px; margin-right: .3rem; }
.key span { margin-right: 1.3rem; white-space: nowrap; }
details { border-bottom: 1px solid var(--rule); }
details > :not(summary) { margin-left: 1.1rem; }
details > :last-child { margin-bottom: .9rem; }
summary { cursor: pointer; padding: .38rem 0; font-size: 14px; }
summary:hover { color: var(--link); }
summary .columns { display: inline-grid; grid-template-columns: 6.5rem 5.5rem 13rem auto; gap: 1rem; align-items: baseline;
  vertical-align: top; }
dl.terms { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .35rem 1.4rem; max-width: 60rem;
  font-size: 14px; }
dl.terms dt { font-weight: 600; } dl.terms dd { margin: 0; color: var(--soft); overflow-wrap: anywhere; }
footer { margin: 4rem auto 2.5rem; color: var(--faint); font-size: 13px; }
@media (max-width: 40rem) {
  main, footer, nav ul { padding: 0 1rem; }
  h1 { font-size: 1.65rem; margin-top: 1.6rem; }
  dl.figures { grid-template-columns: 1fr 1fr; }
  summary .columns { grid-template-columns: 5rem 4.5rem auto; gap: .2rem .8rem; max-width: calc(100% - 1.5rem); }
  ol.worst > li { padding-left: 1.8rem; }
  dl.terms { grid-template-columns: 1fr; } dl.terms dd { margin-bottom: .5rem; }
}
@media print {
  nav { display: none; }
  section, figure, li { break-inside: avoid; }
  pre.command { white-space: pre-wrap; overflow-wrap: anywhere; }
}
)css";

}  // namespace halfulp::analysis::page
