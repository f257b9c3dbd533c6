"use strict";
const search = document.querySelector("#search");
const site = document.querySelector("#site");
const event = document.querySelector("#event");
const rows = [...document.querySelectorAll("[data-article]")];
const count = document.querySelector("#count");
const nothing = document.querySelector("#nothing");

const written = { "ä": "ae", "ö": "oe", "ü": "ue" };

function folded(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ß", "ss");
}

// Both ways in which umlauts are written where there are none.
function spelled(text) {
  const other = text.toLowerCase().normalize("NFC").replace(/[äöü]/g, (sign) => written[sign]);
  return `${folded(text)} ${folded(other)}`;
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

for (const row of rows) row.folded = spelled(row.dataset.text);
for (const part of document.querySelectorAll("[data-needs-script]")) part.hidden = false;
// The newest weeks are at the end.
for (const chart of document.querySelectorAll(".broad")) chart.parentElement.scrollLeft = 1e6;
if (search) for (const field of [search, site, event]) field.addEventListener("input", choose);
