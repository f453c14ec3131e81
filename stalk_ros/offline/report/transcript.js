/* The transcript: search, and the turn at the cursor. */

class Transcript {
  constructor(chart) {
    this.chart = chart;
    this.items = [...document.querySelectorAll(".turns li")];
    this.turns = this.items.filter((item) => item.classList.contains("turn"));
    this.times = this.items.map((item) => item.querySelector(".time"));
    this.texts = null;
    this.matches = [];
    this.match = -1;
    this.current = null;
    this.last = null;
    this.times.forEach((link, place) => { link.tabIndex = place ? -1 : 0; });
    this.listen();
  }

  listen() {
    const query = element("query");
    query.addEventListener("input", () => this.search(query.value));
    element("search").addEventListener("submit", (event) => event.preventDefault());
    query.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.go(event.shiftKey ? -1 : 1);
      if (event.key === "Escape") {
        query.value = "";
        this.search("");
      }
    });
    element("next").addEventListener("click", () => this.go(1));
    element("previous").addEventListener("click", () => this.go(-1));
    document.querySelector(".turns").addEventListener("keydown", (event) => this.key(event));
  }

  /* Arrows go from turn to turn. */
  key(event) {
    const shown = this.times.filter((link) => !link.parentElement.hidden);
    const place = shown.indexOf(event.target);
    const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: shown.length - 1 }[event.key];
    if (place < 0 || to === undefined) return;
    event.preventDefault();
    this.reach(shown[between(0, to, shown.length - 1)]);
  }

  reach(link) {
    this.stop(link);
    link.parentElement.scrollIntoView({ block: "nearest" });
    link.focus({ preventScroll: true });
  }

  /* The one link that the tab key reaches. */
  stop(link) {
    const old = this.times.find((other) => other.tabIndex === 0);
    if (old) old.tabIndex = -1;
    if (link) link.tabIndex = 0;
  }

  search(query) {
    const wanted = query.trim().normalize("NFC");
    const pattern = wanted && new RegExp(wanted.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"), "giu");
    this.texts ??= this.items.map((item) => item.querySelector("p bdi").firstChild ?? new Text(""));
    this.matches = [];
    this.items.forEach((item, place) => {
      const found = pattern ? [...this.texts[place].data.matchAll(pattern)] : [];
      item.hidden = Boolean(pattern) && !found.length;
      for (const { 0: { length }, index } of found) this.matches.push({ place, range: this.range(place, index, length) });
    });
    this.match = -1;
    this.chart.hits = this.matches.map(({ place }) => Number(this.times[place].dataset.time));
    this.chart.later();
    this.stop(this.times.find((link) => !link.parentElement.hidden));
    this.tell(wanted);
  }

  range(place, start, length) {
    const text = this.texts[place];
    return new StaticRange({ startContainer: text, startOffset: start, endContainer: text, endOffset: start + length });
  }

  go(step) {
    if (!this.matches.length) return;
    const count = this.matches.length;
    this.match = this.match < 0 ? (step > 0 ? 0 : count - 1) : (this.match + step + count) % count;
    this.items[this.matches[this.match].place].scrollIntoView({ block: "center" });
    this.tell("again");
  }

  tell(wanted) {
    const count = this.matches.length;
    const place = this.match < 0 ? "" : `${this.match + 1} of `;
    element("count").textContent = wanted ? `${place}${count} found` : "";
    element("next").disabled = element("previous").disabled = !count;
    if (!CSS.highlights) return;
    CSS.highlights.set("found", new Highlight(...this.matches.map(({ range }) => range)));
    const current = this.matches[this.match]?.range;
    CSS.highlights.set("current", new Highlight(...(current ? [current] : [])));
    CSS.highlights.get("current").priority = 1;
  }

  /* Marks the turn at the cursor; while it plays the page follows, unless the reader has gone elsewhere. */
  follow(time, scroll) {
    const place = turnsAt(time).at(-1);
    const item = place === undefined ? null : this.turns[place];
    if (item === this.current) return;
    this.current?.removeAttribute("aria-current");
    item?.setAttribute("aria-current", "true");
    if (scroll && item && this.last && inSight(this.last) && !inSight(item)) item.scrollIntoView({ block: "center" });
    this.current = item;
    this.last = item ?? this.last;
  }
}

function inSight(item) {
  const { top, bottom } = item.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}
