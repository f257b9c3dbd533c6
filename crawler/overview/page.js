"use strict";
const search = document.querySelector("#search");
const site = document.querySelector("#site");
const event = document.querySelector("#event");
const rows = [...document.querySelectorAll("[data-article]")];
const count = document.querySelector("#count");
const nothing = document.querySelector("#nothing");

function folded(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ß", "ss");
}

function choose() {
  const words = folded(search.value).split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const fits = (!site.value || row.dataset.site === site.value)
      && (!event.value || row.dataset.event === event.value)
      && words.every((word) => row.folded.includes(word));
    row.hidden = !fits;
    shown += fits;
  }
  count.textContent = shown;
  nothing.hidden = shown > 0;
}

for (const row of rows) row.folded = folded(row.dataset.text);
if (search) for (const field of [search, site, event]) field.addEventListener("input", choose);
