"""Invented scripts that give pages the weight and the traps of real ones."""

import random

PARTS = "slot frame timer layer queue consent banner scroll anchor probe batch cookie".split()
VERBS = "load bind push read wait send mark find drop init show poll".split()
TRAPS = (
    "document.write('<div class=\"ws_contentAd300 floatR\"><p>Jetzt testen!</p></div>');",
    "var box='<h1>Ein Angebot</h1><div id=\"news_content\">Werbung</div>';",
    'node.innerHTML=\'<a href="/news,100001.html">Mehr</a><li class="infinite-post"></li>\';',
    "log('%creplica','color:#009;font-weight:bold');",
    "if(a<b&&b>0){a=b;}",
)


def script(seed: str, size: int) -> str:
    """Lines of script, about ``size`` characters, which look like code and do nothing."""
    rng = random.Random(f"script:{seed}")
    lines: list[str] = []
    while sum(map(len, lines)) + len(lines) < size:
        lines.append(_function(rng))
    return "\n".join(lines)[:size].rpartition("\n")[0] + "\n/* */"


def _function(rng: random.Random) -> str:
    name = f"replica_{rng.choice(VERBS)}_{rng.choice(PARTS)}{rng.randrange(100)}"
    target, other = rng.sample(PARTS, 2)
    body = [
        f"var {target}={rng.randrange(9999)},{other}=window.{name}||[];",
        f"{other}.push({{'{target}':{rng.randrange(99)},delay:{rng.randrange(900)}}});",
        f"for(var i=0;i<{rng.randrange(2, 40)};i++){{{target}+=i%{rng.randrange(2, 9)};}}",
        f"try{{{other}[{rng.randrange(9)}].{rng.choice(VERBS)}({target});}}catch(e){{}}",
    ]
    rng.shuffle(body)
    if rng.random() < 0.3:
        body.insert(1, rng.choice(TRAPS))
    return f"\tfunction {name}(a,b){{\n\t\t" + "\n\t\t".join(body) + "\n\t}"
