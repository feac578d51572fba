"""How the page of a farm looks, beside what all pages share."""

from __future__ import annotations

from imagekit.farm.report.looks import colours

_LAYOUT = """\
body{max-width:76rem}
main{overflow-wrap:anywhere}
h1{margin:.2rem 0}h3{margin:1rem 0 .3rem}
header p{margin:.2rem 0 1rem}
a{color:inherit}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.tile{display:inline-block;padding:.05rem .5rem;border-radius:4px;white-space:nowrap;font-size:.9rem;
color:var(--sign);background:var(--ground)}
.counts{display:flex;flex-wrap:wrap;gap:.4rem;margin:.7rem 0 0;padding:0;list-style:none}
.counts .tile{font-size:1rem;padding:.15rem .7rem}
.share{display:flex;gap:2px;height:.5rem;margin-top:.8rem}
.share span{background:var(--ground);box-shadow:inset 0 0 0 1px var(--sign);min-width:3px}
.causes td:first-child,.causes th:first-child{white-space:nowrap}
.scroll{overflow:auto;max-height:80vh;margin:0 -1rem;padding:0 1rem}
table.grid{width:auto;margin-left:-1rem;border-collapse:separate;border-spacing:2px;font-size:.9rem}
.grid caption{text-align:left;padding:.2rem 1rem}
.grid th{border:0;font-weight:600;white-space:nowrap;padding:.2rem .5rem;vertical-align:middle}
.grid th span{display:block;width:max-content;max-width:min(18rem,34vw);margin:0 auto;white-space:normal}
.grid tbody th span{margin:0}
.grid thead{position:sticky;top:0;z-index:2;background:var(--page)}
.grid thead th{text-align:center;background:var(--box)}
.grid tbody th,.grid .axis{position:sticky;left:-1rem;background:var(--page);text-align:left;padding-left:1rem;z-index:1}
.grid .axis{font-weight:400;color:var(--soft);text-align:right}
.grid td{border:0;vertical-align:middle;border-radius:4px;padding:0;background:var(--ground);color:var(--sign);text-align:center}
.grid td a{display:flex;flex-direction:column;justify-content:center;min-width:4.5rem;min-height:2.6rem;padding:.3rem .6rem;box-sizing:border-box;
text-decoration:none;white-space:nowrap;line-height:1.25}
.grid td small{display:block;font-variant-numeric:tabular-nums}
.grid td.none{background:none;border:1px dashed var(--line)}
.narrow td a{min-width:1.8rem;min-height:1.8rem;padding:.2rem}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--note);outline-offset:1px}
.grid a:hover,.bar:hover{filter:brightness(.93)}
.lane{display:flex;gap:.5rem;margin:2px 0}
.lane>span{flex:0 0 1.5rem;text-align:right;color:var(--soft);font-size:.85rem;line-height:1.6rem}
.lane>div{flex:1;position:relative;height:1.6rem;background:var(--box);border-radius:3px;min-width:0}
.bar{position:absolute;top:1px;bottom:1px;min-width:2px;border-radius:3px;overflow:hidden;box-sizing:border-box;
white-space:nowrap;text-overflow:ellipsis;text-decoration:none;font-size:.78rem;line-height:1.5rem;text-indent:.25rem;
color:var(--sign);background:var(--ground);border-right:1px solid var(--page)}
.clock>div{background:none;height:1.4rem}
.tick{position:absolute;top:0;height:.35rem;border-left:1px solid var(--soft)}
.tick b{position:absolute;top:.3rem;font:.75rem/1.2 system-ui,sans-serif;color:var(--soft);white-space:nowrap;
transform:translateX(-50%)}
.early b{transform:none}.late b{transform:translateX(-100%)}
.cut{position:absolute;top:-.3rem;transform:translateX(-50%);color:var(--soft);font-style:normal}
.host{margin:.6rem 0 .1rem}
.job{border:1px solid var(--line);border-radius:6px;margin:.4rem 0;padding:0 .8rem;content-visibility:auto;
contain-intrinsic-size:auto 2.6rem}
.job[open]{padding-bottom:.8rem;contain-intrinsic-size:auto 40rem}
.job{scroll-margin-top:.5rem}
.job:target{border-color:var(--note);box-shadow:0 0 0 2px var(--note)}
.job:target::details-content{content-visibility:visible;height:auto}
.job>summary{padding:.5rem 0}
.id{font-weight:600;margin:0 .2rem}.beside{white-space:nowrap}
.failure{border-left:4px solid var(--error);background:var(--box);padding:.5rem .8rem;border-radius:4px;margin:.3rem 0 .8rem}
.failure div{margin:.2rem 0}.failure pre{border:1px solid var(--line);border-radius:4px;background:var(--page)}
.failure b{color:var(--soft);font-weight:400;margin-right:.5rem}
.facts{margin:.3rem 0}
.facts div{display:flex;gap:.8rem;padding:.1rem 0}
.facts dt{flex:0 0 7.5rem;color:var(--soft)}
.facts dd{margin:0;min-width:0}
.passages{font-size:.9rem;max-width:44rem}
.passages th{font-weight:400}.passages thead th{color:var(--soft);white-space:nowrap}
.passages td:nth-child(2),.passages th:nth-child(2){text-align:right;width:4.5rem}
.passages .took{text-align:right;white-space:nowrap;width:5rem;font-variant-numeric:tabular-nums}
.passages .scale{width:24%;vertical-align:middle}
.scale span{display:block;height:.4rem;min-width:2px;border-radius:2px;background:var(--note)}
.cut-off{color:var(--error)}
pre{margin:.3rem 0;max-height:30rem;overflow-y:auto}
footer{margin:2rem 0 0;font-size:.9rem}
@media(max-width:40rem){.facts{font-size:.9rem}.facts div{gap:.5rem}.facts dt{flex-basis:6.4rem}
.passages .scale{display:none}.passages td:nth-child(2),.passages th:nth-child(2),.passages .took{width:auto}
.causes thead{display:none}.causes td,.causes tr{display:block;border:0}.causes tr{border-bottom:1px solid var(--line);padding:.3rem 0}
.causes td{padding:.1rem 0}}
@media print{body{max-width:none;padding:0;font-size:11px}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.scroll{overflow:visible;max-height:none;margin:0;padding:0}.grid tbody th,.grid .axis,.grid thead{position:static}
.job,.lane,.grid tr{break-inside:avoid}.job[open]{break-inside:auto}pre{max-height:none}}
"""
STYLE = colours() + _LAYOUT
